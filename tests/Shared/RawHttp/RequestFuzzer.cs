using System.Text;

namespace Floodgate.Tests.RawHttp;

/// <summary>Makes requests between what is allowed and what is nonsense; the same ones for the same seed.</summary>
/// <param name="random">Where chance comes from.</param>
/// <param name="bearers">Valid bearer tokens.</param>
/// <param name="extraHeader">A header that each request has.</param>
internal sealed class RequestFuzzer(Random random, IReadOnlyList<string> bearers, string extraHeader = "X-Fuzz: y")
{
    private static readonly string[] Methods =
        ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "CONNECT", "PROPFIND", "get", "G\u00c9T", "PRI", ""];

    private static readonly (string Method, string Path)[] Calls =
    [
        ("GET", "/timeline"), ("GET", "/timeline?limit=*"), ("GET", "/timeline?before=*"), ("GET", "/timeline?limit=*&before=*"), ("POST", "/posts"),
        ("GET", "/posts/*"), ("PATCH", "/posts/*"), ("DELETE", "/posts/*"), ("PUT", "/posts/*/like"), ("DELETE", "/posts/*/like"), ("GET", "/users/*"),
        ("PUT", "/users/*"), ("GET", "/users/*/posts"), ("GET", "/users/*/posts?limit=*"), ("PUT", "/users/*/following/*"), ("DELETE", "/users/*/following/*"),
        ("GET", "/counters/*"), ("GET", "/counters/*?keys=*"), ("GET", "/counters/*?keys=*,*,*"), ("POST", "/counters/*/*"), ("GET", "/counters/*/top"),
        ("GET", "/counters/*/top?limit=*"), ("GET", "/counters/*/*/history"), ("GET", "/status"), ("GET", "/health"), ("GET", "/alive"), ("GET", "/openapi/v1.json"),
        ("POST", "/dev/token"), ("GET", "/internal/status"), ("GET", "/internal/oracle/likes?posts=*"), ("GET", "/internal/oracle/timeline/*"),
        ("POST", "/internal/import/users"), ("GET", "/*"), ("GET", "/"), ("OPTIONS", "*"),
    ];

    private static readonly string[] Keys =
    [
        "1", "42", "0", "-1", "9007199254740991", "9007199254740992", "99999999999999999999", "1e3", "0x10", "views", "a.b:c-d_e", "%40likes", "..", ".",
        "%2e%2e", "%252e%252e", "..%2f..%2finternal%2fstatus", "..%5cinternal", "..\\internal\\status", "%00", "%ff", "%c0%ae", "%zz", "%", "\u00e9", "\u0001", "a b",
        "a%20b", "a%0d%0ab", "'", "%27%3B--", "\"", "<x>", "${x}", "{id}", ";x=1", "null", "true", "", "%F0%9F%98%80", "%EF%BC%8F", "\t", "#", "?", "&", "=", "+",
    ];

    private static readonly string[] Prefixes =
        ["/", "/.", "/posts/..", "/%2e%2e", "/posts/%2e%2e", "\\", "http://a", "https://a:99999", "//a", "file://", "/INTERNAL/..", "/internal/.."];

    private static readonly string[] Headers =
    [
        "Floodgate-Internal-User: 7", "floodgate_internal_user: 7", "FLOODGATE-INTERNAL-NODE: *", "Floodgate-Internal-At-Least: *", "Connection: Floodgate-Internal-User",
        "Connection: keep-alive, Upgrade, *", "Upgrade: websocket", "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk", "X-Forwarded-For: *", "X-Forwarded-Proto: *",
        "Forwarded: for=*;proto=https", "X-Forwarded-Host: *", "Floodgate-Consistency: *", "Floodgate-Consistency: eventual", "Floodgate-Consistency: strong",
        "Floodgate-Session: *", "Cookie: floodgate-session=*", "Cookie: *=*; floodgate-session=*; a=\"*", "Idempotency-Key: *", "traceparent: *", "tracestate: *",
        "baggage: *=*", "Accept: *", "Accept-Encoding: gzip, *", "Expect: 100-continue", "Expect: *", "Range: bytes=*", "If-None-Match: *", "If-Modified-Since: *",
        "TE: trailers", "Trailer: Floodgate-Internal-User", "Content-Encoding: gzip", "Content-Type: text/plain", "Content-Type: application/json; charset=*",
        "Content-Type: *", "Origin: *", "Authorization: Bearer *", "Authorization: *", "Proxy-Authorization: *", "X-HTTP-Method-Override: DELETE", "Max-Forwards: 0",
        "Keep-Alive: *", "Proxy-Connection: *", " Folded: *", "No-Colon", ": no name", "Bad Name: *", "Nul: \0", "Host: *", "X-Original-URL: /internal/status",
    ];

    private static readonly string[] Bodies =
    [
        "{\"text\":\"*\"}", "{\"text\":7}", "{\"text\":\"\\u0000\"}", "{\"text\":\"\\ud800\"}", "{\"name\":\"*\"}", "{\"name\":null}", "{\"name\":\"\\u0000\"}", "{\"by\":1}",
        "{\"by\":9223372036854775807}", "{\"by\":-9223372036854775808}", "{\"by\":1e999}", "{\"by\":\"*\"}", "{\"user\":42}", "{\"user\":*}", "{}", "[]", "null", "\"*\"", "{", "",
        "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", "{\"text\":\"a\",\"text\":\"b\"}", "\u00ef\u00bb\u00bf{\"text\":\"bom\"}", "{\"text\":\"\u00e9\u00ff\"}",
        "{\"text\":\"x\"}}", "{\"idempotencyKey\":{},\"text\":[]}",
    ];

    public FuzzedRequest Next()
    {
        var call = Pick(Calls);
        var method = Chance(3) ? Noise(1 + random.Next(12)) : Chance(20) ? Pick(Methods) : call.Method;
        var target = Target(call.Path);
        var text = new StringBuilder($"{method} {target} {(Chance(4) ? Pick(["HTTP/1.0", "HTTP/2.0", "HTTP/9.9", "http/1.1", ""]) : "HTTP/1.1")}\r\n");
        if (!Chance(4))
            text.Append("Host: ").Append(Chance(6) ? Fill("*") : "a").Append("\r\n");
        text.Append(extraHeader).Append("\r\nConnection: close\r\n");
        if (Chance(70))
            text.Append("Authorization: Bearer ").Append(Chance(15) ? TextMutation.Of(Pick(bearers), random) : Pick(bearers)).Append("\r\n");
        for (var left = random.Next(4); left > 0; left--)
            text.Append(Fill(Pick(Headers))).Append("\r\n");
        if (Chance(1))
            text.Append("Long: ").Append('x', random.Next(40_000)).Append("\r\n");
        var whole = AppendBody(text, method is "POST" or "PUT" or "PATCH" || Chance(10));

        var mutated = Chance(15);
        return new FuzzedRequest(mutated ? TextMutation.Of(text.ToString(), random) : text.ToString(), mutated || !whole);
    }

    private string Target(string path)
    {
        var target = (Chance(25) ? Pick(Prefixes) : "") + Fill(path);
        if (Chance(10))
            target += "?" + Fill("*=*&*");
        if (Chance(1))
            target += new string('a', random.Next(140_000));
        return target;
    }

    // Whether the body is as long as the headers say.
    private bool AppendBody(StringBuilder text, bool wanted)
    {
        if (!wanted)
        {
            text.Append("\r\n");
            return true;
        }

        var body = Chance(10) ? Noise(random.Next(200)) : Fill(Pick(Bodies));
        if (!Chance(20))
            text.Append("Content-Type: application/json\r\n");
        switch (random.Next(20))
        {
            case 0:
                text.Append("Transfer-Encoding: ").Append(Pick(["gzip", "chunked, gzip", "identity", "gzip, chunked", "Chunked", "\tchunked"])).Append("\r\n\r\n").Append(body);
                return false;
            case 1:
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"Content-Length: {body.Length + random.Next(-5, 6)}\r\nTransfer-Encoding: chunked\r\n\r\n{body}");
                return false;
            case 2:
                text.Append("Content-Length: ").Append(Pick(["-1", "+5", "0x5", "5, 5", "99999999999999999999", "1000000", "5\r\nContent-Length: 6", ""])).Append("\r\n\r\n").Append(body);
                return false;
            case 3 or 4 or 5:
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"Transfer-Encoding: chunked\r\n\r\n{body.Length:x}{(body.Length > 0 ? "\r\n" + body : "")}\r\n");
                if (body.Length > 0)
                    text.Append("0\r\n");
                text.Append(Chance(50) ? "Floodgate-Internal-User: 7\r\n\r\n" : "\r\n");
                return true;
            case 6:
                text.Append("\r\n").Append(body);
                return false;
            default:
                text.Append(System.Globalization.CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\n\r\n{body}");
                return true;
        }
    }

    private string Fill(string template)
    {
        if (!template.Contains('*', StringComparison.Ordinal))
            return template;

        var filled = new StringBuilder();
        foreach (var character in template)
            _ = character == '*' ? filled.Append(Key()) : filled.Append(character);
        return filled.ToString();
    }

    private string Key() => random.Next(24) switch
    {
        0 => Noise(random.Next(20)),
        1 => new string('a', random.Next(300)),
        < 14 => random.Next(1, 100).ToString(System.Globalization.CultureInfo.InvariantCulture),
        _ => Pick(Keys),
    };

    private string Noise(int length) => string.Create(length, random, static (span, random) =>
    {
        foreach (ref var character in span)
            character = (char)random.Next(256);
    });

    private bool Chance(int percent) => random.Next(100) < percent;

    private T Pick<T>(IReadOnlyList<T> of) => of[random.Next(of.Count)];
}
