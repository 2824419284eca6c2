"""How a picture becomes the tensor that CLIP and SigLIP read, with Pillow, as their weights were trained."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
from PIL import Image

_LONGEST = 16


@dataclass(frozen=True, slots=True)
class Preparing:
    """How a picture becomes a tensor, as the checkpoint's ``preprocessor_config.json`` says.

    With a shortest edge, the picture keeps its shape and the middle is cut out, as CLIP wants it; else it is
    stretched to the size, as SigLIP wants it.
    """

    shortest_edge: int | None
    width: int
    height: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    resample: Image.Resampling

    @classmethod
    def of(cls, settings: Mapping[str, Any], image_size: int) -> Self:
        size = settings.get("size", image_size)
        crop = settings.get("crop_size", size) if settings.get("do_center_crop", False) else size
        edge = size if isinstance(size, int) else size.get("shortest_edge")
        crop = {"height": crop, "width": crop} if isinstance(crop, int) else crop
        edge_or_size = edge or image_size
        return cls(
            edge,
            crop.get("width", edge_or_size),
            crop.get("height", edge_or_size),
            tuple(settings["image_mean"]),
            tuple(settings["image_std"]),
            Image.Resampling(settings.get("resample", Image.Resampling.BICUBIC)),
        )

    def pixels(self, image: Image.Image) -> npt.NDArray[np.uint8]:
        """Return the picture at the model's size, shape (height, width, 3)."""
        if self.shortest_edge is None:
            return np.asarray(image.resize((self.width, self.height), self.resample))
        image = _middle(image)
        short = min(image.size)
        width, height = (int(self.shortest_edge * length / short) for length in image.size)
        if (width, height) != image.size:
            image = image.resize((width, height), self.resample)
        left = round((image.width - self.width) / 2)
        top = round((image.height - self.height) / 2)
        return np.asarray(image.crop((left, top, left + self.width, top + self.height)))

    def normalised(self, torch: Any, pixels: npt.NDArray[np.uint8]) -> Any:
        """Return pictures as the model reads them, a float32 tensor of shape (n, 3, height, width)."""
        mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (self.mean, self.std))
        channels_first = torch.from_numpy(pixels).permute(0, 3, 1, 2)
        scaled = channels_first.to(torch.float32, memory_format=torch.contiguous_format)
        return scaled.mul_(1 / (255 * std)).sub_(mean / std)


def _middle(image: Image.Image) -> Image.Image:
    """Cut the ends off a long, thin picture: enlarged whole, a line of pixels would fill the memory."""
    most = _LONGEST * min(image.size)
    if max(image.size) <= most:
        return image
    width, height = min(image.width, most), min(image.height, most)
    left, top = (image.width - width) // 2, (image.height - height) // 2
    return image.crop((left, top, left + width, top + height))
