"""What passwords leaked elsewhere are made of, as far as they pass our shortest length."""

from __future__ import annotations

COMMON_WORDS = frozenset(
    """
    password passwort passw0rd pass admin administrator root user guest login welcome hello test
    tester testing demo default changeme secret letmein master superman batman dragon monkey
    shadow sunshine princess iloveyou loveyou lovely football baseball basketball soccer hockey
    liverpool arsenal chelsea barcelona charlie michael jennifer jordan ashley daniel thomas
    jessica andrew joshua matthew anthony computer internet samsung iphone google facebook wechat
    weixin weibo taobao alibaba alipay tencent baidu starwars pokemon naruto minecraft whatever
    trustno trustnoone freedom killer hunter ranger buster ginger pepper summer winter spring
    autumn flower cookie cheese chocolate butterfly diamond jesus blessed forever friends
    qwerty qwertz azerty qwertyuiop asdf asdfgh asdfghjkl zxcvbn zxcvbnm qwer qaz wsx abc abcd
    abcde abcdef aa aaa qq qqq q w a s z x ab abc ok woaini woaiwojia aini caonima nihao
    zhang wang li liu chen yang huang zhao wu zhou xiaoming beijing shanghai guangzhou shenzhen
    zhongguo china london store shop staff employee manager company storefront lanternloom
    """.split()  # noqa: SIM905 - words read best as words
)
"""Refused alone, with digits and signs around them, and with look-alikes (p@ssw0rd) in them."""

COMMON_PASSWORDS = frozenset(
    """
    1q2w3e4r5t 1q2w3e4r5t6y q1w2e3r4t5 q1w2e3r4t5y6 1qaz2wsx3edc 1qaz@wsx3edc zaq12wsxcde3
    qazwsxedcrfv qazwsxedc123 1a2b3c4d5e a1b2c3d4e5 a1s2d3f4g5 asd123asd123 abc123abc123
    qwe123qwe123 qweasdzxc123 qweasdzxc1 123qweasdzxc qwertyuiop123 123456qwerty qwerty123456
    password1password passwordpassword adminadmin admin123admin letmeinplease iloveyou1314
    iloveyouforever ilovechina woaini1314 woaini5201314 woaini520520 wo5201314ni asdf1234asdf
    p@ssw0rd123 pa$$w0rd123 correcthorsebatterystaple
    michaeljordan harrypotter manchesterunited leedsunited charlesbrown mynameisearl
    thisisapassword thisismypassword nopassword1 mypassword mypassword1 mypassword123 newpassword
    secretpassword temppassword password1234567890 trustno1trustno1 monkeymonkey dragonball
    dragonballz spongebob1 superman123 welcome2work welcomehome changeme123 changemenow
    1234567890abc 1234567890q 1234567890qwe abcd1234abcd zxcvbnm1234567 zxcvbnm,./ qwertyuiop[]
    helloworld helloworld1 helloworld123 myspace123 blink182blink182 rockyou123
    """.split()  # noqa: SIM905 - words read best as words
)

KEYBOARD_WALKS = (
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz",
    "1234567890qwertyuiopasdfghjklzxcvbnm",
    "qwertyuiop[]asdfghjkl;'zxcvbnm,./",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmikolp",
    "q1w2e3r4t5y6u7i8o9p0",
    "1q2w3e4r5t6y7u8i9o0p",
    "!@#$%^&*()_+",
    "abc123def456ghi789",
    "a1b2c3d4e5f6g7h8i9j0",
)
"""A stretch of one of these, forwards or backwards, is refused."""
