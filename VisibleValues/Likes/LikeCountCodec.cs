using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Floodgate.Messaging.Counters;
using Floodgate.Redis.Tracking;

namespace Floodgate.VisibleValues.Likes;

/// <summary>The likes of posts as they are shown in Redis: <c>ctv:{@likes/post}</c>, see <see cref="ShownValue"/>.</summary>
internal sealed class LikeCountCodec : TrackedCodec<long, LikeCount>
{
    private const int LongestNumber = 20;

    private static readonly byte[] Prefix = CounterHash.ShownKeyBytes(new CounterId(CounterId.LikesName, ""))[..^1];

    // Nearly all values are of the same.
    private string _generation = "";
    private byte[] _generationText = [];

    /// <inheritdoc/>
    /// <remarks>So that one command holds up others for some tens of microseconds at most.</remarks>
    public override int MostAtOnce => 256;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<long> keys, IBufferWriter<byte> output)
    {
        RespCommand.Begin(output, keys.Length + 1);
        RespCommand.Part(output, "MGET"u8);
        Span<byte> text = stackalloc byte[Prefix.Length + LongestNumber + 1];
        Prefix.CopyTo(text);
        foreach (var post in keys)
        {
            Utf8Formatter.TryFormat(post, text[Prefix.Length..], out var written);
            text[Prefix.Length + written] = (byte)'}';
            RespCommand.Part(output, text[..(Prefix.Length + written + 1)]);
        }
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<long> keys, RespFrame answer, Span<LikeCount?> values)
    {
        answer.RequireItems(keys.Length);
        for (var i = 0; i < keys.Length; i++)
        {
            values[i] = answer.Items[i].Text is { } text && ShownValue.TryRead(text, out var generation, out var likes) ? new LikeCount(NameOf(generation), likes) : null;
        }
    }

    /// <inheritdoc/>
    public override bool TryReadKey(ReadOnlySpan<byte> text, out long key)
    {
        key = 0;
        return text.StartsWith(Prefix) && Utf8Parser.TryParse(text[Prefix.Length..], out key, out var read) && text[(Prefix.Length + read)..] is [(byte)'}'];
    }

    private string NameOf(ReadOnlySpan<byte> generation)
    {
        if (!generation.SequenceEqual(_generationText))
        {
            (_generationText, _generation) = (generation.ToArray(), Encoding.ASCII.GetString(generation));
        }

        return _generation;
    }
}
