using System.Buffers;
using System.Buffers.Text;
using System.Text;
using Floodgate.Redis.Tracking;
using Floodgate.VisibleValues.Reactions;
using StackExchange.Redis;

namespace Floodgate.VisibleValues.Likes;

/// <summary>The recent reactions of a reader as Redis has them: see <see cref="ReactionHash"/>.</summary>
internal sealed class SeenReactionsCodec : TrackedCodec<ReaderPosts, SeenReactions>
{
    private const int LongestNumber = 20;

    private static readonly byte[][] Fixed = Array.ConvertAll(ReactionHash.FixedFields, Encoding.ASCII.GetBytes);

    private static ReadOnlySpan<byte> Prefix => "lk:{"u8;

    /// <inheritdoc/>
    public override int MostAtOnce => 1;

    /// <inheritdoc/>
    public override int ValuesOf(ReaderPosts key) => Fixed.Length + key.Posts.Count;

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<ReaderPosts> keys, IBufferWriter<byte> output)
    {
        var wanted = keys[0];
        RespCommand.Begin(output, 2 + Fixed.Length + wanted.Posts.Count);
        RespCommand.Part(output, "HMGET"u8);
        RespCommand.Part(output, Encoding.ASCII.GetBytes(ReactionHash.KeyOf(wanted.Reader)));
        foreach (var field in Fixed)
        {
            RespCommand.Part(output, field);
        }

        Span<byte> text = stackalloc byte[LongestNumber];
        foreach (var post in wanted.Posts)
        {
            Utf8Formatter.TryFormat(post, text, out var written);
            RespCommand.Part(output, text[..written]);
        }
    }

    /// <inheritdoc/>
    public override void Read(ReadOnlySpan<ReaderPosts> keys, RespFrame answer, Span<SeenReactions?> values)
    {
        answer.RequireItems(Fixed.Length + keys[0].Posts.Count);
        values[0] = new SeenReactions(keys[0].Posts, Array.ConvertAll(answer.Items, static item => (RedisValue)item.Text));
    }

    /// <inheritdoc/>
    public override bool TryReadKey(ReadOnlySpan<byte> text, out ReaderPosts key)
    {
        key = default;
        if (!text.StartsWith(Prefix) || !Utf8Parser.TryParse(text[Prefix.Length..], out long reader, out var read) || text[(Prefix.Length + read)..] is not [(byte)'}'])
        {
            return false;
        }

        key = new ReaderPosts(reader, []);
        return true;
    }

    /// <inheritdoc/>
    public override bool Says(SeenReactions? value, ReaderPosts key) => value?.IsOf(key.Posts) == true;
}
