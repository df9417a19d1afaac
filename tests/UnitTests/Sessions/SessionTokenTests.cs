using Floodgate.Sessions;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.Sessions;

public sealed class SessionTokenTests
{
    private const string Key = "0123456789abcdef0123456789abcdef";
    private const string OtherKey = "fedcba9876543210fedcba9876543210";

    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    private readonly SettableTime _time = new(Now);

    [Fact]
    public void A_token_is_read_back_as_it_was_written()
    {
        var token = Token();
        Assert.Equal(token, Codec().Read(Codec().Write(token)));
    }

    [Fact]
    public void A_token_with_any_bit_changed_is_not_believed()
    {
        var text = Codec().Write(Token());
        for (var i = 0; i < text.Length; i++)
        {
            foreach (var other in "AZaz09-_")
            {
                if (text[i] != other)
                {
                    Assert.Null(Codec().Read(string.Concat(text.AsSpan(0, i), other.ToString(), text.AsSpan(i + 1))));
                }
            }
        }
    }

    [Fact]
    public void A_truncated_extended_or_empty_token_is_not_believed()
    {
        var text = Codec().Write(Token());
        for (var length = 0; length < text.Length; length++)
        {
            Assert.Null(Codec().Read(text[..length]));
        }

        Assert.Null(Codec().Read(text + "A"));
        Assert.Null(Codec().Read(text + text));
        Assert.Null(Codec().Read(null));
    }

    [Fact]
    public void Random_text_is_never_a_token_and_never_throws()
    {
        var random = new Random(7);
        var length = Codec().Write(Token()).Length;
        for (var i = 0; i < 5_000; i++)
        {
            var text = new string([.. Enumerable.Range(0, random.Next(2) == 0 ? length : random.Next(200)).Select(_ => (char)random.Next(1, 0x2000))]);
            Assert.Null(Codec().Read(text));
        }
    }

    [Fact]
    public void A_token_older_than_its_lifetime_is_ignored()
    {
        var text = Codec().Write(Token());
        _time.Now = Now + TimeSpan.FromMinutes(10);
        Assert.NotNull(Codec().Read(text));
        _time.Now += TimeSpan.FromMilliseconds(1);
        Assert.Null(Codec().Read(text));
    }

    [Fact]
    public void A_token_from_the_future_is_ignored_past_the_tolerance_of_clocks()
    {
        var text = Codec().Write(Token());
        _time.Now = Now - TimeSpan.FromSeconds(59);
        Assert.NotNull(Codec().Read(text));
        _time.Now = Now - TimeSpan.FromSeconds(61);
        Assert.Null(Codec().Read(text));
    }

    [Fact]
    public void After_a_rotation_tokens_of_the_previous_key_still_count_and_those_of_a_foreign_key_do_not()
    {
        var text = Codec(Key).Write(Token());
        Assert.NotNull(Codec(OtherKey, previous: Key).Read(text));
        Assert.Null(Codec(OtherKey).Read(text));
    }

    [Fact]
    public void A_cursor_never_passes_for_a_token_nor_a_token_for_a_cursor()
    {
        var cursors = new CursorCodec(Options.Create(new SessionOptions { Key = Key }));
        Assert.Null(Codec().Read(cursors.Write(new Cursor(1, new WalPosition(1, new Lsn(2))), "list")));
        Assert.False(cursors.TryRead(Codec().Write(Token()), "list", out _));
    }

    [Fact]
    public void A_cursor_is_read_back_as_it_was_written_and_a_changed_one_is_refused()
    {
        var cursors = new CursorCodec(Options.Create(new SessionOptions { Key = Key }));
        var cursor = new Cursor(244135340851201, new WalPosition(1, new Lsn(0x441F580)));
        var text = cursors.Write(cursor, "list");
        Assert.True(cursors.TryRead(text, "list", out var read));
        Assert.Equal(cursor, read);
        Assert.False(cursors.TryRead(text[..^1] + (text[^1] == 'A' ? 'Q' : 'A'), "list", out _));
        Assert.False(cursors.TryRead(text[1..], "list", out _));
        Assert.False(cursors.TryRead(text, "another", out _));
        Assert.False(cursors.TryRead(text, "", out _));
    }

    private static SessionToken Token() => new(7_300_000_000_000_000_001, new WalPosition(1, new Lsn(0x16_B374_D848)), Now);

    private SessionTokenCodec Codec(string key = Key, string? previous = null) =>
        new(Options.Create(new SessionOptions { Key = key, PreviousKey = previous }), _time);

    private sealed class SettableTime(DateTimeOffset now) : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = now;

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
