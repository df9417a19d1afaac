namespace Floodgate.Tests.RawHttp;

/// <summary>Changes a text a little: flipped bits, what is missing, doubled, strange or put together wrongly.</summary>
internal static class TextMutation
{
    private const string Strange = "\0\u0001\t\r\n \"'%&+,-./:;=?@\\_{}~\u007f\u0080\u00a0\u00e9\u00ff";

    /// <summary>A text that differs from <paramref name="text"/>, of characters of Latin-1 alone if that is.</summary>
    public static string Of(string text, Random random)
    {
        var mutated = text;
        for (var left = 1 + (random.Next(3) == 0 ? random.Next(4) : 0); left > 0 || mutated == text; left--)
            mutated = Once(mutated, random);
        return mutated;
    }

    private static string Once(string text, Random random)
    {
        var at = random.Next(text.Length + 1);
        var on = at == text.Length ? Math.Max(0, at - 1) : at;
        var length = Math.Min(random.Next(1, 9), text.Length - at);
        return random.Next(8) switch
        {
            0 when text.Length > 0 => string.Concat(text.AsSpan(0, on), [(char)(text[on] ^ (1 << random.Next(8)))], text.AsSpan(on + 1)),
            1 when text.Length > 0 => string.Concat(text.AsSpan(0, on), [Strange[random.Next(Strange.Length)]], text.AsSpan(on + 1)),
            2 => text.Insert(at, Strange[random.Next(Strange.Length)].ToString()),
            3 => text[..at],
            4 => text.Remove(at, length),
            5 => text.Insert(at, text.Substring(at, length)),
            6 => text[..at] + text[random.Next(text.Length + 1)..],
            _ => text.Insert(at, new string('A', random.Next(1, 5))),
        };
    }
}
