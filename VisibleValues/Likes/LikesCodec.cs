using System.Buffers.Text;
using System.Text;
using Floodgate.Messaging.Counters;
using Floodgate.Redis.Tracking;

namespace Floodgate.VisibleValues.Likes;

/// <summary>The likes of posts as they are shown in Redis: <c>ctv:{@likes/post}</c>, see <see cref="ShownValue"/>.</summary>
internal sealed class LikesCodec : TrackedCodec<long, LikeCount>
{
    private const int LongestNumber = 20;

    private static readonly byte[] Prefix = CounterHash.ShownKeyBytes(new CounterId(CounterId.LikesName, ""))[..^1];

    // Nearly all values are of the same.
    private string _generation = "";
    private byte[] _generationText = [];

    /// <inheritdoc/>
    public override int LongestKey => Prefix.Length + LongestNumber + 1;

    /// <inheritdoc/>
    public override int WriteKey(long key, Span<byte> output)
    {
        Prefix.CopyTo(output);
        Utf8Formatter.TryFormat(key, output[Prefix.Length..], out var written);
        output[Prefix.Length + written] = (byte)'}';
        return Prefix.Length + written + 1;
    }

    /// <inheritdoc/>
    public override bool TryReadKey(ReadOnlySpan<byte> text, out long key)
    {
        key = 0;
        return text.StartsWith(Prefix) && Utf8Parser.TryParse(text[Prefix.Length..], out key, out var read) && text[(Prefix.Length + read)..] is [(byte)'}'];
    }

    /// <inheritdoc/>
    public override LikeCount? ReadValue(ReadOnlySpan<byte> text)
    {
        if (!ShownValue.TryRead(text, out var generation, out var likes))
        {
            return null;
        }

        if (!generation.SequenceEqual(_generationText))
        {
            (_generationText, _generation) = (generation.ToArray(), Encoding.ASCII.GetString(generation));
        }

        return new LikeCount(_generation, likes);
    }
}
