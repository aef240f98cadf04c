"""Machines by their names, people by their apps."""

import csv
import gzip
import os
import re
from collections.abc import Iterator
from pathlib import Path

import crawleruseragents
import pytest

from storefront.sharing.crawlers import OWN_PATTERNS, TOO_WIDE, combined, is_crawler

PATTERNS = [crawler["pattern"] for crawler in crawleruseragents.CRAWLER_USER_AGENTS_DATA]
EXAMPLES = [
    example
    for crawler in crawleruseragents.CRAWLER_USER_AGENTS_DATA
    for example in crawler["instances"]
]

ANDROID = "Mozilla/5.0 (Linux; Android 13; V2046A Build/TP1A.220624.014; wv) AppleWebKit/537.36"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148"

PEOPLE = {
    "WeChat": f"{ANDROID} XWEB/1160065 MMWEBSDK/20231202 MicroMessenger/8.0.47.2560 NetType/WIFI",
    "WeChat on an iPhone": f"{IPHONE} MicroMessenger/8.0.50(0x18003233) NetType/4G Language/zh_CN",
    "WeCom": f"{ANDROID} wxwork/4.1.22 MicroMessenger/7.0.1 Language/zh",
    "mini program": f"{IPHONE} MicroMessenger/8.0.50 miniProgram/wx0123456789abcdef",
    "QQ": f"{ANDROID} V1_AND_SQ_9.0.60_6478_YYB_D QQ/9.0.60.17095 NetType/WIFI",
    "QQ Browser": f"{ANDROID} MQQBrowser/14.9 Mobile Safari/537.36",
    "Weibo": f"{ANDROID} Weibo (vivo-V2046A__weibo__14.1.0__android__android13)",
    "LINE": f"{IPHONE} Safari Line/14.0.0",
    "WhatsApp": "WhatsApp/2.19.17 Android/9 Device/Samsung-SM-G960F",
    "Facebook": f"{IPHONE} [FBAN/FBIOS;FBAV/450.0.0.38.108;FBBV/564431005;FBDV/iPhone15,2]",
    "Facebook on Android": f"{ANDROID} [FB_IAB/FB4A;FBAV/450.0.0.42.109;]",
    "Instagram": f"{IPHONE} Instagram 312.0.0.20.111 (iPhone15,2; iOS 18_0; zh_CN)",
    "DingTalk": f"{ANDROID} AliApp(DingTalk/7.5.0) com.alibaba.android.rimet",
    "Alipay": f"{ANDROID} NebulaSDK/1.8 AliApp(AP/10.5.60) AlipayClient/10.5.60 Language/zh-Hans",
    "KakaoTalk": f"{ANDROID} KAKAOTALK 10.4.0 (INAPP)",
    "Telegram": f"{ANDROID} Telegram-Android/10.5.0 (Vivo V2046A; Android 13; SDK 33; HIGH)",
    "a telephone with Android's most usual build": (
        "Mozilla/5.0 (Linux; U; Android 15; zh-cn; PJA110 Build/AP3A.240617.008) AppleWebKit/537.36"
        " Chrome/121.0.6167.71 Mobile Safari/537.36 HeyTapBrowser/45.10.4"
    ),
    "a telephone of a maker called Cubot": f"{ANDROID} CUBOT_X50 MicroMessenger/8.0.47",
    "Safari": f"{IPHONE} Version/18.0 Safari/604.1",
    "Firefox": "Mozilla/5.0 (X11; Linux x86_64; rv:134.0) Gecko/20100101 Firefox/134.0",
    "nobody we know": "",
}
MACHINES = {
    "Facebook's fetcher": "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)",
    "LINE's fetcher": "facebookexternalhit/1.1;line-poker/1.0",
    "WhatsApp's fetcher": "WhatsApp/2.23.20.0 A",
    "WhatsApp's fetcher on an iPhone": "WhatsApp/2.23.20.76 i",
    "WhatsApp's fetcher on the web": "WhatsApp/2.2412.54 W",
    "WhatsApp's fetcher with nothing more to say": "WhatsApp",
    "Viber's fetcher": "Viber",
    "Telegram's fetcher": "TelegramBot (like TwitterBot)",
    "X's fetcher": "Twitterbot/1.0",
    "DingTalk's fetcher": "DingTalkBot-LinkService/1.0 (+https://open-doc.dingtalk.com/)",
    "Apple's fetcher, which names all others": (
        "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko)"
        " Version/9.0.1 Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0"
    ),
    "a search engine": "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/)",
    "a browser without a window": f"{ANDROID} HeadlessChrome/131.0.0.0 Safari/537.36",
    "a command": "curl/8.5.0",
    "a crawler that nobody has heard of": "NewThing/0.1 (+https://newthing.example/about)",
    "a crawler in WeChat's clothes": f"{ANDROID} MicroMessenger/8.0.47 Baiduspider/2.0",
}


@pytest.mark.parametrize("user_agent", PEOPLE.values(), ids=PEOPLE.keys())
def test_browsers_of_people_are_no_crawlers(user_agent: str) -> None:
    assert not is_crawler(user_agent)


@pytest.mark.parametrize("user_agent", MACHINES.values(), ids=MACHINES.keys())
def test_machines_are_crawlers(user_agent: str) -> None:
    assert is_crawler(user_agent)


def test_the_packages_patterns_are_found_in_its_own_examples() -> None:
    missed = [each for each in EXAMPLES if not is_crawler(each)]
    assert all("AP3A.240617.008" in each for each in missed), missed
    assert len(missed) <= 1


def test_the_patterns_that_are_too_wide_are_still_in_the_package() -> None:
    assert set(PATTERNS) >= TOO_WIDE


def test_patterns_joined_find_what_they_find_one_by_one() -> None:
    patterns = [*PATTERNS, *OWN_PATTERNS]
    one_by_one = re.compile("|".join(f"(?:{pattern})" for pattern in patterns))
    anywhere, at_start = combined(patterns)
    texts = {half for each in EXAMPLES[::4] for half in (each, each[: len(each) // 2], each[7:])}
    for text in texts:
        found = anywhere.search(text) or at_start.match(text)
        assert bool(found) == bool(one_by_one.search(text)), text


@pytest.mark.parametrize(
    ("patterns", "found", "not_found"),
    [
        (["abc", "abcd", "ab?x"], ["abc", "-abcd", "ax", "abx"], ["ab", "bx"]),
        (["[wW]get", "a|b|c"], ["wget", "Wget", "xcx"], ["WGET"]),
        (["^start", "end$"], ["starts", "the end"], ["a start", "ends"]),
        (
            ["a(b|c)d|e", r"x\/y\.z", "(^| )q"],
            ["acd", "e", "x/y.z", "q", "a q"],
            ["ad", "x/yaz", "aq"],
        ),
    ],
)
def test_joining_knows_every_turn_of_a_pattern(
    patterns: list[str], found: list[str], not_found: list[str]
) -> None:
    anywhere, at_start = combined(patterns)
    assert [text for text in found if not (anywhere.search(text) or at_start.match(text))] == []
    assert [text for text in not_found if anywhere.search(text) or at_start.match(text)] == []


DATA = Path(os.environ.get("STOREFRONT_DATA") or Path(__file__).parents[3] / "shared" / "data")
with_data = pytest.mark.skipif(
    not (DATA / "ua_crawlers.csv.gz").exists(),
    reason="the user-agent lists are not here; STOREFRONT_DATA names their folder",
)

PEOPLE_AMONG_CRAWLERS = {
    # Found with a scraper, but it is Instagram on an ordinary telephone.
    "Mozilla/5.0 (Linux; Android 15; CPH2557 Build/AP3A.240617.008; wv)",
}
CRAWLERS_AMONG_PEOPLE = {
    # Preview fetchers of these apps, which the list of crawlers has by the same form.
    "Viber",
    "WhatsApp",
    "WhatsApp/2.22.9.78 A",
    "GBWhatsApp/2.22.10.73 A",
    "YoFMWhatsApp/2.22.17.76 A",
    # Crawlers by their own word.
    "Twitterbot/1.0",
    "Pinterest/0.2 (+https://www.pinterest.com/bot.html)",
    "Social Media Crawler using your Home URL on Twitter,Facebook,Myspace,Linkedin",
}
"""Where the two lists contradict one another, by the beginning of the string or the whole of it."""


def rows_of(name: str) -> Iterator[dict[str, str]]:
    with gzip.open(DATA / name, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def known_contradiction(user_agent: str, contradictions: set[str]) -> bool:
    return any(
        user_agent == each or (len(each) > 40 and user_agent.startswith(each))
        for each in contradictions
    )


@with_data
def test_every_crawler_on_the_list_is_one() -> None:
    examples = {row["instance"] for row in rows_of("ua_crawlers.csv.gz")} - {""}
    assert len(examples) > 2_000
    taken_for_people = {each for each in examples if not is_crawler(each)}
    assert all(known_contradiction(each, PEOPLE_AMONG_CRAWLERS) for each in taken_for_people)
    assert len(taken_for_people) == len(PEOPLE_AMONG_CRAWLERS)


@with_data
def test_everybody_in_an_in_app_browser_is_a_person() -> None:
    people = {row["user_agent"] for row in rows_of("ua_inapp_browsers.csv.gz")}
    assert len(people) > 400
    taken_for_crawlers = {each for each in people if is_crawler(each)}
    assert {
        each for each in taken_for_crawlers if not known_contradiction(each, CRAWLERS_AMONG_PEOPLE)
    } == set()
    assert len(taken_for_crawlers) == len(CRAWLERS_AMONG_PEOPLE)
