using System.Globalization;
using System.Text;
using Floodgate.ReadRouter.Authentication;
using Floodgate.Sessions;
using Floodgate.Tests.RawHttp;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.ReadRouter.Door;

/// <summary>Tokens that were changed a little are not believed.</summary>
public sealed class ForgedTokenTests
{
    private const string SeedVariable = "FLOODGATE_FUZZ_SEED";
    private const int Mutations = 5000;
    private const string List = "a list";

    private readonly ManualClock _clock = new();
    private readonly IOptions<SessionOptions> _sessions = Options.Create(new SessionOptions { Key = new string('s', 32), PreviousKey = new string('p', 32) });
    private readonly Random _random;
    private readonly int _seed;

    public ForgedTokenTests(ITestOutputHelper output)
    {
        _seed = Environment.GetEnvironmentVariable(SeedVariable) is { Length: > 0 } given ? int.Parse(given, CultureInfo.InvariantCulture) : Environment.TickCount;
        _random = new Random(_seed);
        output.WriteLine($"{SeedVariable}={_seed}");
    }

    [Fact]
    public void No_session_token_that_was_changed_is_believed()
    {
        var codec = new SessionTokenCodec(_sessions, _clock);
        var token = codec.Write(new SessionToken(Cluster.SystemId, Cluster.At(500), _clock.GetUtcNow()));

        Assert.NotNull(codec.Read(token));
        foreach (var forged in Mutated(token))
            Assert.True(codec.Read(forged) is null, Said(forged));
    }

    [Fact]
    public void No_cursor_that_was_changed_is_believed()
    {
        var codec = new CursorCodec(_sessions);
        var cursor = codec.Write(new Cursor(1234, Cluster.At(500)), List);

        Assert.True(codec.TryRead(cursor, List, out _));
        foreach (var forged in Mutated(cursor))
            Assert.False(codec.TryRead(forged, List, out _), Said(forged));
    }

    [Fact]
    public void A_cursor_is_no_session_token_and_the_other_way_round()
    {
        var (sessions, cursors) = (new SessionTokenCodec(_sessions, _clock), new CursorCodec(_sessions));

        Assert.Null(sessions.Read(cursors.Write(new Cursor(1, Cluster.At(1)), List)));
        Assert.False(cursors.TryRead(sessions.Write(new SessionToken(Cluster.SystemId, Cluster.At(1), _clock.GetUtcNow())), List, out _));
    }

    [Fact]
    public async Task No_bearer_token_that_was_changed_is_believed()
    {
        var tokens = new UserTokens(Options.Create(new BearerOptions { Key = new string('a', 32) }), _clock);
        var token = tokens.Create(42);

        Assert.Equal(42, await tokens.ReadAsync(token));
        foreach (var forged in Mutated(token))
            Assert.True(await tokens.ReadAsync(forged) is null, Said(forged));
    }

    private string Said(string forged) => $"{SeedVariable}={_seed}: {forged}";

    // In base64url the last character has bits that mean nothing: a text that differs in those alone is the same token in another spelling.
    private IEnumerable<string> Mutated(string token) => Enumerable.Range(0, Mutations)
        .Select(_ => TextMutation.Of(token, _random))
        .Where(mutated => !IsSameToken(token, mutated));

    private static bool IsSameToken(string token, string other)
    {
        var (last, otherLast) = (token.LastIndexOf('.') + 1, other.LastIndexOf('.') + 1);
        return token[..last] == other[..otherLast] && Bytes(token[last..]) is { } bytes && Bytes(other[otherLast..]) is { } others && bytes.SequenceEqual(others);
    }

    // As leniently as any decoder reads it.
    private static byte[]? Bytes(string text)
    {
        var plain = new StringBuilder();
        foreach (var character in text.Where(character => !char.IsWhiteSpace(character) && character != '='))
            plain.Append(character switch { '-' => '+', '_' => '/', _ => character });
        plain.Append('=', (4 - (plain.Length % 4)) % 4);
        var bytes = new byte[plain.Length];
        return Convert.TryFromBase64String(plain.ToString(), bytes, out var written) ? bytes[..written] : null;
    }
}
