using Floodgate.ReadRouter.Sessions;
using Floodgate.Sessions;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Options;
using SessionOptions = Floodgate.Sessions.SessionOptions;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class SessionKeeperTests : IDisposable
{
    private readonly Cluster _cluster = new();
    private readonly SessionTokenCodec _codec;

    public SessionKeeperTests()
    {
        _cluster.Poll(primary: 100, first: 100, second: 100);
        _codec = new SessionTokenCodec(Options.Create(Settings), _cluster.Clock);
    }

    private static SessionOptions Settings => new() { Key = new string('k', 32) };

    public void Dispose() => _cluster.Dispose();

    [Fact]
    public void The_further_of_cookie_and_header_counts()
    {
        var keeper = Keeper(Environments.Development);

        Assert.Equal(Cluster.At(70), keeper.Read(Request(cookie: Token(70), header: Token(30))).Position);
        Assert.Equal(Cluster.At(70), keeper.Read(Request(cookie: Token(30), header: Token(70))).Position);
        Assert.Equal(Cluster.At(30), keeper.Read(Request(cookie: Token(30), header: null)).Position);
        Assert.Equal(WalPosition.None, keeper.Read(Request(null, null)).Position);
    }

    [Fact]
    public void Tokens_that_are_forged_expired_or_of_another_cluster_say_nothing()
    {
        var keeper = Keeper(Environments.Development);
        var foreign = _codec.Write(new SessionToken(43, Cluster.At(70), _cluster.Clock.GetUtcNow()));
        var old = Token(70);

        Assert.Equal(WalPosition.None, keeper.Read(Request(foreign, "nonsense")).Position);
        _cluster.Clock.Advance(Settings.Lifetime + TimeSpan.FromSeconds(1));
        Assert.Equal(WalPosition.None, keeper.Read(Request(old, null)).Position);
    }

    [Theory]
    [InlineData(50, 80, 80)]
    [InlineData(90, 80, 90)]
    public void The_answer_carries_the_further_of_what_was_seen_and_what_is_shown(ulong seen, ulong answered, ulong expected)
    {
        var response = new DefaultHttpContext().Response;
        Keeper(Environments.Production).Write(response, Cluster.At(seen), Cluster.At(answered));

        var token = _codec.Read(response.Headers[SessionHeaders.Session]);
        Assert.Equal(new SessionToken(Cluster.SystemId, Cluster.At(expected), _cluster.Clock.GetUtcNow()), token);
        var cookie = response.Headers.SetCookie.ToString();
        Assert.StartsWith($"{SessionHeaders.Cookie}={response.Headers[SessionHeaders.Session]};", cookie, StringComparison.Ordinal);
        Assert.Contains("httponly", cookie, StringComparison.Ordinal);
        Assert.Contains("samesite=lax", cookie, StringComparison.Ordinal);
        Assert.Contains("secure", cookie, StringComparison.Ordinal);
    }

    [Fact]
    public void In_development_the_cookie_travels_without_TLS()
    {
        var response = new DefaultHttpContext().Response;
        Keeper(Environments.Development).Write(response, WalPosition.None, Cluster.At(1));

        Assert.DoesNotContain("secure", response.Headers.SetCookie.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_answer_that_shows_no_position_changes_no_session()
    {
        var response = new DefaultHttpContext().Response;
        Keeper(Environments.Development).Write(response, Cluster.At(50), WalPosition.None);

        Assert.Empty(response.Headers);
    }

    [Fact]
    public void What_a_failover_lost_is_told_and_the_session_goes_on_from_the_switch_point()
    {
        var (kept, lost) = (Token(90), Token(120));
        _cluster.Poll(_cluster.First, takesWrites: true, Cluster.At(110, timeline: 2), history: "1\t0/64\tno recovery target specified");
        var keeper = Keeper(Environments.Development);

        Assert.Equal((Cluster.At(90), false), Of(keeper.Read(Request(kept, null))));
        Assert.Equal((Cluster.At(100), true), Of(keeper.Read(Request(kept, lost))));

        var response = new DefaultHttpContext().Response;
        keeper.Write(response, Cluster.At(100), Cluster.At(110, timeline: 2));
        Assert.Equal(Cluster.At(110, timeline: 2), _codec.Read(response.Headers[SessionHeaders.Session])!.Position);

        static (WalPosition, bool) Of(SeenState seen) => (seen.Position, seen.IsLost);
    }

    private string Token(ulong lsn) => _codec.Write(new SessionToken(Cluster.SystemId, Cluster.At(lsn), _cluster.Clock.GetUtcNow()));

    private SessionKeeper Keeper(string environment) =>
        new(_codec, _cluster.Table, Options.Create(Settings), new HostingEnvironment { EnvironmentName = environment }, _cluster.Clock);

    private static HttpRequest Request(string? cookie, string? header)
    {
        var request = new DefaultHttpContext().Request;
        if (cookie is not null)
            request.Headers.Cookie = $"{SessionHeaders.Cookie}={cookie}";
        if (header is not null)
            request.Headers[SessionHeaders.Session] = header;
        return request;
    }
}
