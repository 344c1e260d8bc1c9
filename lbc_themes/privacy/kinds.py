"""What kinds of things point to a person."""

from enum import StrEnum


class Kind(StrEnum):
    """The kind of a replaced string. The last three are parts that full names are built from."""

    PERSON = "person"
    PLACE = "place"
    SCHOOL = "school"
    ORGANISATION = "organisation"
    ADDRESS = "address"
    PHONE = "phone"
    ID_NUMBER = "id_number"
    ACCOUNT = "account"
    EMAIL = "email"
    PLATE = "plate"
    BIRTH_DATE = "birth_date"
    SURNAME = "surname"
    GIVEN_NAME = "given_name"
    PLACE_NAME = "place_name"


PARTS = frozenset({Kind.SURNAME, Kind.GIVEN_NAME, Kind.PLACE_NAME})
LABELS = {
    Kind.ADDRESS: "门牌", Kind.PHONE: "电话", Kind.ID_NUMBER: "证件号", Kind.ACCOUNT: "账号", Kind.EMAIL: "邮箱",
    Kind.PLATE: "车牌", Kind.BIRTH_DATE: "出生日期",
}  # fmt: skip
