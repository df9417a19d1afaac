using Floodgate.Sessions;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.Sessions;

public sealed class PendingPostCodecTests
{
    private static readonly PendingPostId Id = new(42, Guid.Parse("019321aa-0000-7000-8000-0000deadbeef"), DateTimeOffset.FromUnixTimeMilliseconds(1_763_776_000_123));

    [Fact]
    public void What_was_written_is_read()
    {
        var codec = CodecOf('a');

        Assert.Equal(66, codec.Write(Id).Length);
        Assert.True(codec.TryRead(codec.Write(Id), out var read));
        Assert.Equal(Id, read);
    }

    [Fact]
    public void Nothing_else_is_read()
    {
        var codec = CodecOf('a');
        var text = codec.Write(Id);
        for (var i = 0; i < text.Length; i++)
        {
            var changed = text[..i] + (text[i] == 'x' ? 'y' : 'x') + text[(i + 1)..];
            Assert.False(codec.TryRead(changed, out _), changed);
        }

        Assert.False(codec.TryRead(null, out _));
        Assert.False(codec.TryRead("", out _));
        Assert.False(codec.TryRead(text[..^1], out _));
        Assert.False(codec.TryRead(CodecOf('b').Write(Id), out _));
    }

    [Fact]
    public void After_a_rotation_of_the_key_an_id_is_still_read()
    {
        var rotated = new PendingPostCodec(Options.Create(new SessionOptions { Key = new string('b', 32), PreviousKey = new string('a', 32) }));

        Assert.True(rotated.TryRead(CodecOf('a').Write(Id), out var read));
        Assert.Equal(Id, read);
    }

    private static PendingPostCodec CodecOf(char key) => new(Options.Create(new SessionOptions { Key = new string(key, 32) }));
}
