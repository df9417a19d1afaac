using System.Text.Json;
using Floodgate.SystemTests.Running;

namespace Floodgate.SystemTests;

/// <summary>Without the primary, posts are taken and read, and published once it is back.</summary>
public sealed class PendingPostTests(RunningSystem system)
{
    private const int Posts = 40;
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(90);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Posts_sent_while_the_primary_is_down_reach_the_follower_once_and_in_order_although_their_publisher_is_killed()
    {
        var (ann, bob) = (await system.NewUserAsync(Cancel), await system.NewUserAsync(Cancel));
        await bob.FollowAsync(ann, Cancel);
        await ann.PostAsync("before", Cancel);
        await bob.TimelineAsync(Cancel);

        // Replicas may still be on their way back from what another test did; without them nobody knows what ann has seen.
        await Eventually.HoldsAsync(() => NodeOfAsync(ann), node => node.StartsWith("replica-", StringComparison.Ordinal), Recovery, Cancel);
        await system.StopAsync("postgres", Cancel);
        var addresses = new List<string>();
        try
        {
            for (var i = 0; i < Posts; i++)
            {
                var began = TimeProvider.System.GetTimestamp();
                using var taken = await ann.SendAsync(HttpMethod.Post, "/posts", new { text = $"post {i}" }, Cancel, ("Idempotency-Key", $"during-{i}"));
                Assert.Equal(HttpStatusCode.Accepted, taken.StatusCode);
                Assert.True(TimeProvider.System.GetElapsedTime(began) < Soon, $"Post {i} took {TimeProvider.System.GetElapsedTime(began)}.");
                addresses.Add(taken.Headers.Location!.ToString());
            }

            using var asked = await ann.SendAsync(HttpMethod.Get, addresses[0], null, Cancel);
            Assert.Equal(HttpStatusCode.OK, asked.StatusCode);
            Assert.StartsWith("replica-", asked.Headers.GetValues("Floodgate-Node").Single(), StringComparison.Ordinal);
            Assert.Equal("processing", (await JsonAsync(asked)).GetProperty("status").GetString());
            using var foreign = await bob.SendAsync(HttpMethod.Get, addresses[0], null, Cancel);
            Assert.Equal(HttpStatusCode.NotFound, foreign.StatusCode);
        }
        finally
        {
            await system.StartAsync("postgres", Cancel);
        }

        var killed = system.Kill("timeline");
        Assert.NotEmpty(killed);
        await system.RestartedAsync(killed, Cancel);
        var ids = new List<long>();
        foreach (var address in addresses)
        {
            var ended = await Eventually.HoldsAsync(
                () => StatusAsync(ann, address), status => status.ValueKind != JsonValueKind.Undefined && status.GetProperty("status").GetString() == "published", Recovery, Cancel);
            ids.Add(ended.GetProperty("post").GetProperty("id").GetInt64());
        }

        Assert.Equal(Posts, ids.Distinct().Count());
        Assert.Equal([.. ids.Order()], ids);
        var seen = await Eventually.HoldsAsync(() => bob.TimelineAsync(Cancel), timeline => timeline.Count >= Posts + 1, Recovery, Cancel);
        Assert.Equal([.. ids.AsEnumerable().Reverse()], seen.Take(Posts));
        Assert.Equal(Posts + 1, seen.Count);

        using var repeated = await ann.SendAsync(HttpMethod.Post, "/posts", new { text = "post 5" }, Cancel, ("Idempotency-Key", "during-5"));
        Assert.Equal(HttpStatusCode.Created, repeated.StatusCode);
        Assert.Equal(ids[5], (await JsonAsync(repeated)).GetProperty("id").GetInt64());
    }

    private static async Task<string> NodeOfAsync(UserSession session)
    {
        using var answer = await session.SendAsync(HttpMethod.Get, $"/users/{session.Id}", null, Cancel);
        return answer.Headers.GetValues("Floodgate-Node").Single();
    }

    [Fact]
    public async Task Every_post_that_was_taken_while_the_primary_was_killed_is_there_once()
    {
        var (ann, bob) = (await system.NewUserAsync(Cancel), await system.NewUserAsync(Cancel));
        await bob.FollowAsync(ann, Cancel);
        await bob.TimelineAsync(Cancel);
        IReadOnlyDictionary<string, int> killed = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var i = 0; i < Posts; i++)
        {
            if (i == Posts / 3)
            {
                killed = system.Kill("postgres");
                Assert.NotEmpty(killed);
            }

            var text = $"kill {i}";
            await Eventually.HoldsAsync(
                async () =>
                {
                    using var taken = await ann.SendAsync(HttpMethod.Post, "/posts", new { text }, Cancel, ("Idempotency-Key", $"killed-{text.Replace(' ', '-')}"));
                    return taken.StatusCode;
                },
                status => status is HttpStatusCode.Created or HttpStatusCode.Accepted,
                Recovery,
                Cancel);
        }

        await system.RestartedAsync(killed, Cancel);
        var seen = await Eventually.HoldsAsync(() => TextsAsync(bob), texts => texts.Distinct(StringComparer.Ordinal).Count() >= Posts, Recovery, Cancel);
        Assert.Equal(Enumerable.Range(0, Posts).Select(i => $"kill {i}").Order(StringComparer.Ordinal), seen.Order(StringComparer.Ordinal));
    }

    private static async Task<JsonElement> StatusAsync(UserSession user, string address)
    {
        using var answer = await user.SendAsync(HttpMethod.Get, address, null, Cancel);
        return answer.IsSuccessStatusCode ? await JsonAsync(answer) : default;
    }

    private static async Task<List<string>> TextsAsync(UserSession user)
    {
        using var answer = await user.SendAsync(HttpMethod.Get, "/timeline?limit=100", null, Cancel);
        return answer.IsSuccessStatusCode
            ? [.. (await JsonAsync(answer)).GetProperty("items").EnumerateArray().Select(post => post.GetProperty("text").GetString()!)]
            : [];
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer) =>
        JsonSerializer.Deserialize<JsonElement>(await answer.Content.ReadAsStringAsync(Cancel));
}
