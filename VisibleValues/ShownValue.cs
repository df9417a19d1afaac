using System.Buffers.Text;
using System.Text;
using Floodgate.Redis;
using StackExchange.Redis;

namespace Floodgate.VisibleValues;

/// <summary>
/// What is shown of a counter: <c>generation|sum</c>, a string beside the counter's hash, so that one <c>MGET</c> reads many at a fraction of what a script
/// over their hashes costs Redis.
/// </summary>
/// <param name="generation">The generation that the reader knows of.</param>
internal readonly struct ShownValue(string generation)
{
    private const byte End = (byte)'|';

    private readonly byte[] _own = Encoding.ASCII.GetBytes(generation + (char)End);

    /// <summary>The sums; null where there is none, or one of a generation that is not believed.</summary>
    public long?[] ReadAll(RedisValue[] shown)
    {
        var values = new long?[shown.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = Read((byte[]?)shown[i]);
        }

        return values;
    }

    /// <summary>The sum; null where there is none, or one of a generation that is not believed.</summary>
    public long? Read(ReadOnlySpan<byte> shown)
    {
        if (shown.StartsWith(_own))
        {
            return TryRead(shown[_own.Length..], out var own) ? own : null;
        }

        return TryRead(shown, out var theirs, out var sum) && RedisGeneration.Believes(Encoding.ASCII.GetString(theirs), generation) ? sum : null;
    }

    /// <summary>Takes it apart.</summary>
    /// <returns>Whether it is one.</returns>
    public static bool TryRead(ReadOnlySpan<byte> shown, out ReadOnlySpan<byte> generation, out long sum)
    {
        var end = shown.IndexOf(End);
        generation = end > 0 ? shown[..end] : default;
        sum = 0;
        return end > 0 && TryRead(shown[(end + 1)..], out sum);
    }

    private static bool TryRead(ReadOnlySpan<byte> text, out long sum) => Utf8Parser.TryParse(text, out sum, out var read) && read == text.Length;
}
