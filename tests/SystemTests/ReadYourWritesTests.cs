using Floodgate.SystemTests.Running;
using Npgsql;

namespace Floodgate.SystemTests;

/// <summary>Nobody fails to see their own write, whatever the replicas do.</summary>
public sealed class ReadYourWritesTests(RunningSystem system)
{
    // What is routed is seen past the caches.
    private static readonly (string Name, string Value) PastCaches = ("Cache-Control", "no-cache");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task With_replay_paused_on_one_replica_no_session_reads_an_old_state()
    {
        await using var paused = await PausedReplay.OfAsync(system, "replica-1", Cancel);
        var nodes = await WriteAndReadBackAsync(40);
        Assert.DoesNotContain(nodes, node => node == "replica-1");
    }

    [Fact]
    public async Task With_replay_paused_on_every_replica_sessions_read_from_the_primary()
    {
        await using var first = await PausedReplay.OfAsync(system, "replica-1", Cancel);
        await using var second = await PausedReplay.OfAsync(system, "replica-2", Cancel);
        Assert.All(await WriteAndReadBackAsync(20), node => Assert.Equal("primary", node));
    }

    [Fact]
    public async Task With_replicas_that_follow_most_reads_are_served_by_them()
    {
        var ann = await system.NewUserAsync(Cancel);
        var post = await ann.PostAsync("hello", Cancel);
        var served = new List<string>();
        await Eventually.HoldsAsync(
            async () =>
            {
                using var answer = await ann.SendAsync(HttpMethod.Get, $"/posts/{post}", null, Cancel, PastCaches);
                served.Add(answer.Headers.GetValues("Floodgate-Node").Single());
                return served.Count;
            },
            count => count >= 40,
            TimeSpan.FromSeconds(20),
            Cancel);
        Assert.True(served.Count(node => node.StartsWith("replica-", StringComparison.Ordinal)) >= 30, string.Join(' ', served));
    }

    [Fact]
    public async Task Who_likes_a_post_that_no_replica_has_yet_finds_it_afterwards()
    {
        var (ann, bob) = (await system.NewUserAsync(Cancel), await system.NewUserAsync(Cancel));
        await Eventually.HoldsAsync(() => NodeOfAsync(bob), node => node.StartsWith("replica-", StringComparison.Ordinal), TimeSpan.FromSeconds(20), Cancel);
        await using var first = await PausedReplay.OfAsync(system, "replica-1", Cancel);
        await using var second = await PausedReplay.OfAsync(system, "replica-2", Cancel);

        var post = await ann.PostAsync("just now", Cancel);
        await bob.LikeAsync(post, Cancel);
        Assert.True((await bob.GetAsync($"/posts/{post}", Cancel)).GetProperty("liked").GetBoolean());
    }

    [Fact]
    public async Task A_session_goes_on_in_another_client_by_header_and_by_cookie()
    {
        await using var paused = await PausedReplay.OfAsync(system, "replica-1", Cancel);
        await using var alsoPaused = await PausedReplay.OfAsync(system, "replica-2", Cancel);
        var ann = await system.NewUserAsync(Cancel);
        var post = await ann.PostAsync("seen elsewhere", Cancel);

        foreach (var (name, value) in new[] { ("Floodgate-Session", ann.Session!), ("Cookie", $"floodgate-session={ann.Session}") })
        {
            using var elsewhere = system.Gateway();
            using var request = new HttpRequestMessage(HttpMethod.Get, $"/posts/{post}");
            request.Headers.Add(name, value);
            request.Headers.Add(PastCaches.Name, PastCaches.Value);
            using var answer = await elsewhere.SendAsync(request, Cancel);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("primary", answer.Headers.GetValues("Floodgate-Node").Single());
        }
    }

    [Fact]
    public async Task Without_a_session_an_eventual_read_may_be_old_which_shows_that_the_others_could_have_been()
    {
        await using var first = await PausedReplay.OfAsync(system, "replica-1", Cancel);
        await using var second = await PausedReplay.OfAsync(system, "replica-2", Cancel);
        var ann = await system.NewUserAsync(Cancel);
        using var stale = await ann.SendAsync(HttpMethod.Get, $"/users/{ann.Id}", null, Cancel, PastCaches, ("Floodgate-Consistency", "eventual"));
        Assert.StartsWith("replica-", stale.Headers.GetValues("Floodgate-Node").Single(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, stale.StatusCode);
        using var fresh = await ann.SendAsync(HttpMethod.Get, $"/users/{ann.Id}", null, Cancel, ("Floodgate-Consistency", "strong"));
        Assert.Equal(HttpStatusCode.OK, fresh.StatusCode);
    }

    private static async Task<string> NodeOfAsync(UserSession session)
    {
        using var answer = await session.SendAsync(HttpMethod.Get, $"/users/{session.Id}", null, Cancel, PastCaches);
        return answer.Headers.GetValues("Floodgate-Node").Single();
    }

    private async Task<List<string>> WriteAndReadBackAsync(int times)
    {
        var (ann, nodes) = (await system.NewUserAsync(Cancel), new List<string>());
        for (var i = 0; i < times; i++)
        {
            var post = await ann.PostAsync($"post {i}", Cancel);
            using var answer = await ann.SendAsync(HttpMethod.Get, $"/posts/{post}", null, Cancel, PastCaches);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            nodes.Add(answer.Headers.GetValues("Floodgate-Node").Single());
            Assert.Contains(post, await ann.TimelineAsync(Cancel));
        }

        return nodes;
    }

    /// <summary>A replica that receives but does not replay, until disposed.</summary>
    private sealed class PausedReplay(NpgsqlConnection connection) : IAsyncDisposable
    {
        public static async Task<PausedReplay> OfAsync(RunningSystem system, string replica, CancellationToken cancellationToken)
        {
            var connection = await system.ConnectAsync(replica, cancellationToken);
            await ExecuteAsync(connection, "SELECT pg_wal_replay_pause()", cancellationToken);
            await Eventually.HoldsAsync(
                () => ExecuteAsync(connection, "SELECT pg_get_wal_replay_pause_state()", cancellationToken),
                state => Equals(state, "paused"),
                TimeSpan.FromSeconds(10),
                cancellationToken);
            return new PausedReplay(connection);
        }

        public async ValueTask DisposeAsync()
        {
            await ExecuteAsync(connection, "SELECT pg_wal_replay_resume()", CancellationToken.None);
            await connection.DisposeAsync();
        }

        private static async Task<object?> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellationToken)
        {
            await using var command = new NpgsqlCommand(sql, connection);
            return await command.ExecuteScalarAsync(cancellationToken);
        }
    }
}
