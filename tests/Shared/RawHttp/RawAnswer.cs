using System.Text;

namespace Floodgate.Tests.RawHttp;

/// <summary>An answer as it came over the wire.</summary>
/// <param name="Status">The status; 0 where the connection was closed without an answer.</param>
/// <param name="Headers">The headers, by name.</param>
/// <param name="Body">The body, as text.</param>
internal sealed record RawAnswer(int Status, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public static RawAnswer None { get; } = new(0, new Dictionary<string, string>(StringComparer.Ordinal), "");

    public string? ContentType => Headers.GetValueOrDefault("Content-Type");

    /// <summary>What is wrong with it whatever was sent: an error that is no problem document, or comes from inside; null where nothing is.</summary>
    public string? Fault()
    {
        if (Headers.Keys.FirstOrDefault(name => name.StartsWith("Floodgate-Internal", StringComparison.OrdinalIgnoreCase)) is { } inside)
            return $"{inside} came out";

        // What the server itself refuses as no HTTP has no body.
        if (Status < 400 || (Status is 501 or 505 && Body.Length == 0))
            return null;
        if (Status >= 500 && (Status != 503 || !Headers.ContainsKey("Retry-After")))
            return $"{Status}: {Body}";
        if (Status == 429 && !Headers.ContainsKey("Retry-After"))
            return "429 without Retry-After";
        if (Body.Length == 0)
            return null;
        return ContentType is "application/problem+json" && Body.Contains($"\"status\":{Status}", StringComparison.Ordinal)
            ? null
            : $"{Status} as {ContentType}: {Body}";
    }

    /// <summary>Reads an answer out of the bytes that came so far.</summary>
    /// <param name="bytes">All bytes since the request.</param>
    /// <param name="isHead">Whether it answers a HEAD, so has no body whatever its headers say.</param>
    /// <param name="ended">Whether no more will come.</param>
    /// <returns>The answer; null where it is not complete.</returns>
    public static RawAnswer? TryParse(ReadOnlySpan<byte> bytes, bool isHead, bool ended)
    {
        var headEnd = bytes.IndexOf("\r\n\r\n"u8);
        if (headEnd < 0)
            return ended ? None : null;

        var lines = Encoding.UTF8.GetString(bytes[..headEnd]).Split("\r\n");
        var status = int.Parse(lines[0].Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            headers[line[..colon]] = line[(colon + 1)..].Trim();
        }

        var rest = bytes[(headEnd + 4)..];
        if (status is >= 100 and < 200 and not 101)
            return TryParse(rest, isHead, ended);
        if (isHead)
            return Of([]);
        if (headers.TryGetValue("Content-Length", out var length))
        {
            var needed = int.Parse(length, System.Globalization.CultureInfo.InvariantCulture);
            return rest.Length >= needed || ended ? Of(rest[..Math.Min(needed, rest.Length)]) : null;
        }

        if (headers.ContainsKey("Transfer-Encoding"))
            return ended || rest.EndsWith("0\r\n\r\n"u8) ? Of(rest) : null;
        return ended || status is 204 or 304 ? Of(rest) : null;

        RawAnswer Of(ReadOnlySpan<byte> body) => new(status, headers, Encoding.UTF8.GetString(body));
    }
}
