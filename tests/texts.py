"""Texts as somebody who means harm, or nobody in particular, would put them into a link, a file or its name."""

HOSTILE = (
    "[Sign in again](http://evil.example) ![x](http://evil.example/x.png)",
    "http://evil.example/a_b*c?d=e&f", "see www.evil.example, or a@b.example.", "WWW.EVIL.example HTTPS://X.example",
    "//evil.example",
    "<http://evil.example>", "http\\://evil.example www\\.evil.example", "(http://evil.example) “http://evil.example” 'www.evil.example'",
    "mailto:a@b.example xmpp:a@b.example ftp://x.example javascript:alert(1)", "https://münchen.example", "www.", "x@",
    "data:text/html,<b>",
    "<img src=http://evil.example/x.png onerror=alert(1)>", "<script>alert(1)</script>", "<a href='http://evil.example'>b</a>",
    "'\"><iframe src=http://evil.example></iframe>", "[[a]] {b} <b>bold</b> <!-- c -->", "<style>*{display:none}</style>",
    ":material/home: :material_home: :red[x] :smile: :streamlit: :+1:",
    ":blue-badge[a] :small[x] :help[y] :color[z]{foreground='red'}",
    "http://evil.example/:material/home:", "::leaf[x]{a=b}", ":::note", "$x^2$ $$y$$ \\(z\\)",
    "a -> b <- c -- d >= e <= f ~= g <-> h", "->",
    "# heading", "1. one", "1) one", "- a", "* a", "+ a", "> q", "---", "===", "| a | b |", "[^1]: foo", "[x]: http://evil.example",
    "`code` ``x`` http://a`b``c.example", "`", "``http://x.example``", "``` html", "~~x~~ **b** _i_ *i* __b__", "&amp; &#64; &lt;",
    "ends with \\", "    indented", "two\nlines\n\n\tand more", "\u202egnp.exe\u200b\x00\x07\ufeff", "a\u2028b\u00a0c\u3000d",
    "10:30:15, a:b",
    "שלום", "💡 naïve ñ 漢字", "mine (2).npz", "moons, SGD 0.1",
)  # fmt: skip
