"""What museums and their systems call the columns of a table, and the parts of such names.

One line holds one language, or one family of systems. Within a field the likeliest name comes first. Names
are compared without case, accents, spaces and punctuation, so ``object_number`` is also ``Object Number`` and
``objectNumber``; a path such as ``date_range_text`` is also the ``text`` of the object ``dateRange``.
Plurals, numbers (``artist_2``), languages (``title_en``), prefixes of standards (``dc:``, ``dcterms:``) and
words that say nothing (``object_…``, ``…_name``) need no name of their own.

Life dates of the artist (``artist_dates``, ``birth_year``) are in no list: they are not the years of the
work. Nor is where the work is kept now (``location``, ``repository``): it is not the place it comes from.
"""

from __future__ import annotations

_OBJECTS = """
    object obj artwork work item painting piece record asset
    objekt werk kunstwerk gegenstand objet oeuvre notice fiche oggetto opera scheda objeto obra ficha
    voorwerp genstand vaerk foremal gjenstand teos esine obiekt dzielo 作品 資料"""

USUAL_NAMES: dict[str, str] = {
    "item_id": f"""
        item_id id object_id objectid obj_id artwork_id work_id painting_id record_id identifier uid uuid guid
        {" ".join(f"{word}_id id_{word}" for word in _OBJECTS.split())}
        system_number system_id tms_id irn emu_irn priref record_number record_no record_identifier
        pid ark persistent_id persistent_identifier object_persistent_identifier europeana_id
        objekt_nr objektnummer datensatz_id datensatznummer
        reference ref identifiant id_notice numero_notice codice codice_univoco nct identificativo
        identificador codigo identificatie identifikator tunniste identyfikator 编号 識別子 идентификатор
        lido_rec_id lidorecid mkey m_id nctn objekt_id 管理番号""",
    "accession_number": """
        accession_number object_number object_no accession_no accession_num accession acc_no acno acc_num
        inventory_number inventory_no inventory_num inventory inv_no inv_num invno inv
        catalogue_number catalog_number catalogue_no catalog_no museum_number registration_number
        registration_no idno main_reference_number shelfmark call_number object_inventory_number
        inventarnummer inventar_nr inventar_no inventarnr inv_nr signatur katalognummer
        numero_inventaire numero_d_inventaire no_inventaire n_d_inventaire no_d_inventaire inventaire
        cote numero_d_objet numero_objet
        numero_inventario numero_d_inventario numero_di_inventario numero_de_inventario inventario
        num_inventario nr_inventario no_inventario inv_n numero_de_registro
        objectnummer inventarisnummer inventaris_nr inventarienummer inventarienr inventarnr
        inventaarionumero numer_inwentarzowy nr_inwentarzowy inventarni_cislo leltari_szam
        инвентарный_номер инв_номер 作品番号 登録番号 资产编号 藏品号 소장품번호
        id_number accession_nr numero_de_tombo numero_de_tombamento n_inventario 藏品编号""",
    "title": """
        title object_title work_title artwork_title painting_title display_title primary_title
        preferred_title title_text preferred_label preferred_labels pref_label titles tms_title long_title
        title_set appellation_value ca_objects_preferred_labels ca_objects_preferred_labels_name
        title_display title_content title_proper label_title caption_title
        titel objekttitel werktitel werk_titel hauptitel haupttitel objektname bezeichnung benennung
        titre titre_oeuvre titre_de_l_oeuvre titre_principal titr appellation appl intitule nom nom_objet
        titolo titolo_opera titolo_dell_opera sgti sgtt identificazione soggetto_titolo
        titulo titulo_obra titulo_de_la_obra titulo_da_obra nombre nome nombre_del_objeto
        naam tittel titlar teoksen_nimi nimi nimeke tytul nazev cim название наименование заголовок
        name label
        作品名 題名 作品名称 标题 名称 題目 タイトル 작품명 제목
        obj_title tytul_dziela""",
    "other_titles": """
        other_titles alternative_titles alternate_titles alternative_title alternate_title alt_title
        other_title variant_titles variant_title non_preferred_labels alternative subtitle sub_title
        translated_title title_translation title_translated foreign_title foreign_language_title
        original_title title_original title_in_original_language title_native native_title native_name
        former_title former_titles previous_title previous_titles popular_title english_title
        series_title group_title title_variants portfolio_title uniform_title
        untertitel nebentitel weitere_titel alternativtitel originaltitel ubersetzter_titel
        sous_titre autre_titre autres_titres titre_alternatif titre_original ancien_titre
        sottotitolo altro_titolo altri_titoli titolo_alternativo titolo_originale
        subtitulo otro_titulo otros_titulos outros_titulos titulo_alternativo titulo_original
        ondertitel andere_titel alternatieve_titel undertitel alternativ_titel muu_nimi
        英題 英文名 副題 别名""",
    "artist": """
        artist artist_name artist_display_name artist_title artists artist_display artist_names all_artists
        maker maker_name makers maker_display creator creator_name creators creator_display
        principal_maker principal_or_first_maker principal_makers primary_maker primary_maker_name
        primary_artist artist_maker artist_or_maker maker_artist artist_s maker_s display_artist
        artist_full_name artist_name_full artist_prefixed_name artist_creator
        author painter sculptor photographer printmaker designer engraver architect attribution attributed_to
        constituents constituent constituent_name display_name full_name cited_name attribution_inverted
        artist_alpha_sort artist_sort_name alpha_sort produced_by_carried_out_by
        produced_by_part_carried_out_by display_actor_in_role name_actor_set ca_entities
        ca_entities_preferred_labels production_creator production_maker production people participants
        contributors contributor agents agent persons non_presenter_authors indexed_artist_name
        proxy_dc_creator content_freetext_name
        kunstler kuenstler kunstler_in kuenstler_in kunstlername kuenstlername kunstlerin urheber
        hersteller maler schopfer schoepfer beteiligte verfasser beteiligte_personen
        artiste nom_artiste nom_de_l_artiste auteur nom_auteur nom_de_l_auteur autr peintre createur
        artista autore autn autore_nome pittore nome_autore nome_artista autor autora autor_a autoria
        nombre_autor nombre_artista nome_do_autor pintor
        kunstenaar maker_naam naam_maker vervaardiger schilder naam_vervaardiger
        kunstner kunstnar konstnar konstnarsnamn upphovsman tillverkare fremstiller ophavsmand skaper
        taiteilija tekija valmistaja artysta tworca malarz autor_dila umelec muvesz alkoto
        художник автор 作家名 作者名 作者 作家 艺术家 藝術家 画家 작가 작가명
        object_production_person object_production_people object_production_organisation event_actor
        ca_entities_preferred_labels_displayname ca_entities_displayname""",
    "culture": """
        culture cultures cultural_context cultural_group cultural_affiliation cultural_origin civilization
        civilisation people_culture ethnic_group ethnicity school artistic_school
        nationality artist_nationality creator_nationality maker_nationality artist_culture
        kultur kulturkreis ethnie kunstlandschaft schule nationalitat
        culture_origine ecole_pays ecole ecol nationalite aire_culturelle
        cultura contexto_cultural scuola nazionalita escuela nacionalidad escola nacionalidade
        cultuur nationaliteit kulttuuri kultura культура 文化 国籍""",
    "date": """
        date dated date_text display_date date_display object_date work_date creation_date date_created
        date_of_creation date_of_work date_made made_date date_of_production production_date date_produced
        date_range_text date_content date_string date_creation date_creation_string date_statement
        dating dating_presenting_date production_date_text production_date_notes date_notes date_label
        production_dates date_of_making primary_date year years work_year year_made year_created
        year_of_creation creation_year production_year year_of_work century
        produced_by_timespan_label produced_by_timespan_identified_by event_date dcterms_created
        date_qualified content_freetext_date temporal_display
        datierung datum entstehungszeit entstehungsdatum entstehungsjahr herstellungsdatum zeit
        zeitstellung jahr zeitangabe
        date_de_creation datation annee annee_creation annee_de_creation date_execution millesime
        millesime_de_creation mill periode_de_creation peri date_oeuvre
        data datazione anno cronologia dtzg secolo data_di_creazione
        fecha ano datacion fecha_de_creacion fecha_creacion data_de_criacao datacao epoca_cronologia
        datering jaar jaartal datum_vervaardiging vervaardigingsdatum
        ar arstal tilvirkningstid tidfasting produksjonsdato tid ajoitus valmistusaika vuosi
        datowanie data_powstania rok datace keletkezes дата датировка время_создания год
        制作年 制作年代 年代 創作年代 创作年代 年份 제작연도 제작년도
        ca_objects_date_dates_value ca_objects_dates_dates_value object_production_date дата_создания
        制作時期""",
    "year_begin": """
        year_begin begin_year year_start start_year year_from earliest_year year_early year_earliest
        date_begin begin_date date_start start_date date_from date_earliest earliest_date date_early
        date_low date_made_early creation_date_begin
        object_begin_date object_date_begin work_begin_date creation_date_earliest creation_date_start
        production_date_start production_date_from production_start date_range_start_year
        dating_year_early produced_by_timespan_begin_of_the_begin temporal_begin
        jahr_von datum_von datierung_von datierung_beginn von_jahr fruhestes_datum
        annee_debut date_debut date_de_debut annee_min debut
        anno_inizio data_inizio dtsi da_anno ano_inicio fecha_inicio data_inicio fecha_desde
        jaar_van datum_van datering_van datering_begin datering_fra fra_ar ar_fra alkuvuosi rok_od
        begin_iso_date object_production_date_earliest_single object_production_date_earliest
        datazione_da дата_от""",
    "year_end": """
        year_end end_year year_to year_until latest_year year_late year_latest
        date_end end_date date_to date_latest latest_date date_late date_high date_made_late
        creation_date_end object_end_date object_date_end work_end_date creation_date_latest
        production_date_end production_date_to production_end date_range_end_year
        dating_year_late produced_by_timespan_end_of_the_end temporal_end
        jahr_bis datum_bis datierung_bis datierung_ende bis_jahr spatestes_datum
        annee_fin date_fin date_de_fin annee_max
        anno_fine data_fine dtsf a_anno ano_fin ano_fim fecha_fin data_fim fecha_hasta
        jaar_tot datum_tot datering_tot datering_eind datering_til til_ar ar_til loppuvuosi rok_do
        end_iso_date object_production_date_latest datazione_a дата_до""",
    "classification": """
        classification classifications classification_title classification_titles object_classification
        object_type object_types work_type work_types artwork_type artwork_type_title object_work_type
        category categories object_category kind subclassification sub_classification
        object_name object_names type types form classified_as ca_objects_type_id genre object_kind
        dc_type resource_type content_freetext_object_type
        objektart objekttyp gattung gattungen sachgruppe klassifikation objektbezeichnung werktyp
        objektgattung kategorie sachbegriff
        domaine domn denomination deno type_objet categorie_objet classement
        classificazione categoria ogtd definizione tipo_di_opera tipologia tipo oggetto
        clasificacion clasificacion_generica objeto_documento classificacao denominacao tipo_de_objeto
        categorie objecttype objectnaam object_naam objectcategorie soort
        betegnelse objekttype vaerktype sakord kategori luokitus esinetyyppi rodzaj kategoria
        вид тип_предмета категория 分類 分野 种类 类别 種別 분류
        objeto objecto""",
    "medium": """
        medium medium_display medium_text materials material materials_and_techniques
        material_and_technique material_technique materials_techniques medium_and_support medium_support
        medium_description materials_description display_materials_tech term_materials_tech
        physical_medium physical_materials material_titles sample_material media_description made_of
        medium_technique technique_and_material
        materialien material_technik material_und_technik materialangabe werkstoff
        materiau materiaux materiaux_techniques matiere matieres matieres_techniques
        materiaux_et_techniques
        materiali materia materia_e_tecnica materia_tecnica mtc materiale
        materiales materia_soporte materia_y_tecnica materiais material_e_tecnica
        materiaal materialen materiaal_techniek materialer materiali material_och_teknik materiaali
        materialy material_a_technika материал материалы материал_и_техника 材質 材料 素材 材質技法 재료
        技法材質 素材技法 质地 質地""",
    "technique": """
        technique techniques technique_titles sample_technique process processes
        produced_by_technique production_technique
        technik technik_en techniken herstellungstechnik tech procede procedes
        tecnica tecniche tecnicas techniek technieken teknik teknikk tekniikka valmistustekniikka technika
        техника 技法 技術 기법""",
    "period": """
        period period_name periods style_period style styles style_title style_titles movement movements
        art_movement art_movements dynasty reign era temporal sample_style artistic_period
        epoch periode epoche stil stilrichtung stilepoche zeitabschnitt
        epoque epoq style_mouvement mouvement courant
        periodo epoca estilo stile movimento movimiento contexto_cultural_estilo
        stijl stroming stilperiode tyyli tyylisuunta styl okres стиль эпоха период 時代 时代 样式 시대""",
    "department": """
        department department_title departments responsible_department
        curatorial_department curatorial_section division
        collection collection_name collection_title department_name section
        abteilung sammlung sammlungsbereich sammlungsgruppe
        departement departement_collection collections fonds
        dipartimento collezione departamento coleccion colecao seccion
        afdeling collectie avdelning samling kokoelma kolekcja dzial отдел коллекция 部門 部门 컬렉션""",
    "subjects": """
        subjects subject subject_terms subject_titles depicts depicted depiction depicted_subjects
        subjects_depicted keywords keyword tags tag topics topic themes theme iconography iconclass
        iconclass_description classification_icon_class_description content_subject subject_keywords
        subject_headings subject_matter motif motifs depicted_people people_depicted persons_depicted
        depicted_person depicted_persons depicted_places places_depicted term_titles terms
        theme_titles category_titles shows represents represents_instance_of_type concepts concept
        subjects_children edm_concept_pref_label content_freetext_topic subject_term indexed_terms
        schlagwort schlagworte schlagworter schlagwoerter stichwort stichworte motive thema themen
        ikonografie ikonographie dargestellt dargestellte_personen bildinhalt
        sujet sujets sujet_represente repr mots_cles mot_cle theme_represente iconographie
        personnes_representees
        soggetto soggetti parole_chiave tema temi iconografia
        asunto materias palabras_clave temas descriptores assunto palavras_chave
        onderwerp onderwerpen trefwoord trefwoorden thema_s iconografie afgebeeld
        emne emner emneord nogleord motiv amne amnesord nyckelord aiheet aihe asiasanat
        temat slowa_kluczowe klicova_slova tema_predmeta сюжет ключевые_слова тема
        主題 关键词 キーワード 题材 주제
        subject_concept ca_list_items ca_list_items_preferred_labels""",
    "place": """
        place places place_of_origin place_made place_of_production place_of_creation place_of_manufacture
        production_place production_places place_created creation_place origin geographic_origin
        place_of_making primary_place place_names place_name made_in spatial geography geographic_location
        geo_location produced_by_took_place_at display_place edm_place_label place_titles
        find_spot findspot place_found place_collected provenience excavation archaeological_site
        content_freetext_place country country_of_origin city
        herkunft herkunftsort entstehungsort herstellungsort fundort ort entstehungsland
        lieu_de_creation lieu_creation lieu_de_creation_utilisation lieu_de_production lieu_de_fabrication
        lieu lieux origine_geographique decouverte_collecte provenance_geographique pays
        luogo luogo_di_produzione luogo_di_origine provenienza_geografica paese
        lugar lugar_de_produccion lugar_de_produccion_ceca lugar_de_origen procedencia pais
        local_de_producao local_de_fabrico
        plaats plaats_vervaardiging vervaardigingsplaats plaats_van_herkomst land
        produktionssted sted fremstillingssted tilvirkningssted plats tillverkningsort valmistuspaikka
        miejsce_powstania miejsce misto_vzniku место_создания 制作地 産地 出土地 产地 제작지
        geography_place ca_places ca_places_preferred_labels ca_places_preferred_labels_name""",
    "picture": """
        picture picture_url image image_url primary_image_url primary_image image_link link_image image_web
        web_image img img_url photo photo_url image_full image_large image_print image_uri image_src
        image_path image_file picture_path picture_file image_native primary_media media_url object_image
        images_web_url url_image url_of_image image_download edm_is_shown_by is_shown_by
        representation representation_access_point file file_name file_path file_url filename path
        bild bild_url bildadresse bilddatei bildpfad abbildung foto foto_url digitalisat
        lien_image lien_photo url_photo fichier nom_fichier photographie
        immagine url_immagine fotografia imagen url_imagen imagen_url imagem url_imagem imagen_principal
        afbeelding afbeelding_url bestandsnaam billede billede_url bilde bildfil kuva kuva_url zdjecie
        обложка изображение фото 画像 图片 图像 이미지
        images pictures photos images_primary_thumbnail primary_thumbnail
        image_thumbnail thumbnail_url thumbnail image_small image_preview
        edm_preview preview thumb
        online_media thumb_path thumbnail_path 画像url
        ca_object_representations_media_large_url ca_object_representations_media_original_url""",
    "page_url": """
        page_url object_url object_page object_link work_url artwork_url web_page webpage permalink
        link_resource link url web_url source_url uri record_link frontend_url museum_url web_link website
        item_uri item_url edm_is_shown_at is_shown_at object_uri collection_url
        persistent_url persistent_link landing_page resource_url detail_url
        objekt_url url_objekt weblink datensatz_url lien lien_notice url_notice
        enlace url_ficha collegamento link_scheda lenke lank objekturl ссылка 链接""",
    "rights": """
        rights license licence rights_and_reproduction rights_and_reproductions usage_rights image_rights
        license_status share_license_status rights_statement rights_type rights_text copyright
        copyright_notice copyright_status use_restrictions thumbnail_copyright object_rights edm_rights
        lizenz rechte nutzungsrechte bildrechte rechtestatus droits droits_auteur licence_image
        diritti licenza derechos licencia direitos licentie rechten rettigheder rattigheter lisenssi
        kayttooikeudet prawa права 权利 著作権
        rights_work_set""",
    "credit": """
        credit credit_line credits courtesy provenance_credit creditline credit_text acquisition_credit
        kreditzeile herkunftsnachweis erwerbungsangabe mention_obligatoire ligne_de_credit
        mention_de_provenance credito linea_de_credito linha_de_credito verwerving kreditlinje
        источник_поступления""",
    "popularity": """
        popularity total_page_views page_views views view_count likes_count""",
    "copies_allowed": """
        copies_allowed""",
}
"""Field of :class:`~ham_recommend.records.RawRecord` → its names, the likeliest first."""

TEXT_STEMS = """
    description descriptions descriptive_note descriptive_text alt_text alternative_text label_text wall_text
    gallery_text gallery_label object_label object_text web_text caption captions annotation annotations
    curatorial_text contextual_text catalogue_text commentary summary abstract
    beschreibung beschreibungen beschreibungstext bildbeschreibung objekttext saaltext inhaltsangabe
    descriptif commentaire_oeuvre descrizione descripcion descricao resumen resumo
    beschrijving beschrijvingen omschrijving toelichting zaaltekst
    beskrivelse beskrivning kuvaus opis popis leiras περιγραφη описание 説明 解説 描述 说明 설명"""
"""A column whose name begins or ends so holds texts that describe the works."""

TEXT_NAMES = """
    text desc did_you_know historical_context historical_significance object_history_note
    inscription inscriptions inscribed inscription_text inscription_content inscription_transcription
    marks markings marks_and_inscriptions signature signed signatures inscriptions_and_marks
    inschrift inschriften beschriftung bezeichnet signatur_text
    inscription_et_marques insc iscrizione iscrizioni inscripcion inscripciones inscricao inscricoes
    opschrift opschriften merken paaskrift paskrift pategnelse inskription signering merkinnat
    sygnatura inskrypcja napis надпись надписи 銘文 款识"""
"""A column of just this name holds texts about or on the works: what they say, what is written on them."""

ABOUT_TEXT = """
    kind model source language lang id ids date url link author by type license licence count length
    score confidence status embedding embeddings vector embedding_model format version user"""
"""What follows the name of a text column where the column tells something about the text."""

NOT_OF_THE_WORK = """
    condition conservation preservation treatment restoration damage verification verified quality check
    level status record catalogu catalogin cataloger curation datastandard metadata schema
    location storage shelf building address venue
    artist maker creator author person people constituent biograph agent contributor donor lender owner
    photographer painter sculptor
    rights copyright licen credit reproduction restriction access legal privacy
    loan insurance valuation price value acquisition accession purchase provenance ownership
    exhibition publication bibliograph reference citation literature source
    dimension measurement size weight extent packing crate handling hazard transport
    department institution repository collection project exhibit
    period culture dynasty movement style category classification
    place geograph country region city
    media_type file thumbnail format audio video url
    admin internal private workflow audit update modif change event
    zustand standort kunstler kuenstler biogra rechte lizenz erwerb provenienz masse abmessung literatur
    localisation artiste auteur biographie droits acquisition dimensions
    stato collocazione autore condizione diritti estado ubicacion autor derechos
    toestand locatie kunstenaar rechten herkomst afmeting tilstand placering kunstner"""
"""What the text describes, inside the name of a column, where that is not the work itself."""

NOT_OF_THE_WORK_WORDS = "bio bios life loc set use unit edition lot gps map sort site room etat"
"""The same, but too short to be looked for inside of other words."""

NAMESPACES = """
    dc dcterms dct dcmitype dublincore edm ore schema skos rdf rdfs foaf vra mods lido crm la oai omeka
    o bibo europeana proxy ca_objects ns0 tms emu"""
"""Prefixes of standards, of systems and of their tables."""

WRAPPERS = """
    attributes fields _source record records metadata properties values data doc document
    sourceresource descriptivemetadata descriptivenonrepeating element elementset itemtypemetadata"""
"""Objects in which a work's fields are wrapped; they say nothing about the work."""

NEUTRAL_BEFORE = """
    object obj work artwork item piece painting display displayed primary main full preferred principal
    objekt werk oeuvre objet opera obra web public"""
"""Words before a name that do not change what it means."""

NEUTRAL_AFTER = """
    name names text txt string str label labels display displayed title titles term terms value values
    list full statement info aware lang other all"""
"""Words after the name of a field of words that do not change what it means."""

LANGUAGES = """
    en eng english de deu ger german deutsch fr fra fre french francais es spa spanish espanol it ita italian
    italiano nl nld dut dutch nederlands da dan danish dansk sv swe swedish svenska nb nn norwegian norsk
    fi fin finnish suomi pl pol polish pt por portuguese ru rus russian ja jpn japanese zh chi zho chinese
    ko kor korean ar ara arabic he heb hebrew la lat latin el gre greek tr turkish cs cze czech hu hun
    hungarian uk us gb def default original romanized"""
"""Languages, as they follow a name."""
