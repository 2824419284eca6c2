"""Thai, Vietnamese, Indonesian and Hindi: the words beside a year."""

WORDS = {
    "circa": "ประมาณ, ราว, khoảng, sekitar, लगभग",
    "century": """
        ศตวรรษ, ศตวรรษที่, คริสต์ศตวรรษ, คริสต์ศตวรรษที่, thế kỷ, thế kỉ, abad, abad ke, शताब्दी, सदी""",
    "buddhist century": "พุทธศตวรรษ, พุทธศตวรรษที่",
    "early": "ต้น, đầu, awal",
    "mid": "กลาง, giữa, pertengahan",
    "late": "ปลาย, cuối, akhir",
    "bce": "TCN, SM, trước Công nguyên, ก่อนคริสตกาล, ก่อนคริสต์ศักราช, ईसा पूर्व, ई.पू.",
    "ce": "SCN, ค.ศ., คริสต์ศักราช, ईस्वी, ई.",
    "be": "พ.ศ., พุทธศักราช, B.E.",
    "plain": "năm, tahun, ปี, ที่, वीं",
}
