using System.Net.Sockets;
using Floodgate.SystemTests.Running;
using Npgsql;

namespace Floodgate.SystemTests;

/// <summary>What is killed comes back, and nothing acknowledged is gone.</summary>
public sealed class KillTests(RunningSystem system)
{
    private static readonly TimeSpan Recovery = TimeSpan.FromSeconds(60);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Posts_acknowledged_before_TimelineService_was_killed_reach_the_follower_once()
    {
        var (ann, bob) = (await system.NewUserAsync(Cancel), await system.NewUserAsync(Cancel));
        await bob.FollowAsync(ann, Cancel);
        await bob.TimelineAsync(Cancel);
        var acknowledged = await WhileKillingAsync("timeline", 60, i => ann.PostAsync($"post {i}", Cancel));

        var seen = await Eventually.HoldsAsync(
            () => bob.TimelineAsync(Cancel), ids => acknowledged.All(ids.Contains), Recovery, Cancel);
        Assert.Equal(seen.Count, seen.ToHashSet().Count);
    }

    [Theory]
    [InlineData("counter")]
    [InlineData("flush")]
    [InlineData("rabbitmq")]
    [InlineData("redis")]
    public async Task A_like_that_was_acknowledged_is_in_PostgreSQL_once_whatever_was_killed(string resource)
    {
        var ann = await system.NewUserAsync(Cancel);
        var post = await ann.PostAsync("like me", Cancel);
        var acknowledged = await WhileKillingAsync(resource, 40, async _ =>
        {
            var fan = await system.NewUserAsync(Cancel);
            await fan.LikeAsync(post, Cancel);
            return fan.Id;
        });

        await using var primary = await system.ConnectAsync("floodgate", Cancel);
        await Eventually.HoldsAsync(() => LikersAsync(primary, post), likers => acknowledged.All(likers.Contains), Recovery, Cancel);
        await Eventually.HoldsAsync(
            async () => (Rows: (await LikersAsync(primary, post)).Count, Slots: await SlotsAsync(primary, post)),
            counted => counted.Rows == counted.Slots,
            Recovery,
            Cancel);
    }

    /// <summary>Makes calls one after another, kills the resource a third of the way, and returns what was acknowledged.</summary>
    private async Task<List<long>> WhileKillingAsync(string resource, int calls, Func<int, Task<long>> call)
    {
        var acknowledged = new List<long>();
        IReadOnlyDictionary<string, int> killed = new Dictionary<string, int>(StringComparer.Ordinal);
        var began = TimeProvider.System.GetTimestamp();
        for (var i = 0; acknowledged.Count < calls; i++)
        {
            if (i == calls / 3)
            {
                killed = system.Kill(resource);
                Assert.NotEmpty(killed);
            }

            Assert.True(TimeProvider.System.GetElapsedTime(began) < Recovery, $"Only {acknowledged.Count} calls were acknowledged.");
            try
            {
                acknowledged.Add(await call(i));
            }
            catch (Exception exception) when (exception is HttpRequestException or SocketException or Xunit.Sdk.TrueException or Xunit.Sdk.EqualException)
            {
                await Eventually.HoldsAsync(IsUpAsync, up => up, Recovery, Cancel);
            }
        }

        await system.RestartedAsync(killed, Cancel);
        return acknowledged;
    }

    private async Task<bool> IsUpAsync()
    {
        using var gateway = system.Gateway();
        using var answer = await gateway.GetAsync("/users/1", Cancel);
        return (int)answer.StatusCode < 500;
    }

    private static async Task<HashSet<long>> LikersAsync(NpgsqlConnection primary, long post)
    {
        await using var command = new NpgsqlCommand("SELECT user_id FROM reactions WHERE post_id = $1 AND liked", primary) { Parameters = { new() { Value = post } } };
        await using var reader = await command.ExecuteReaderAsync(Cancel);
        var likers = new HashSet<long>();
        while (await reader.ReadAsync(Cancel))
        {
            likers.Add(reader.GetInt64(0));
        }

        return likers;
    }

    private static async Task<long> SlotsAsync(NpgsqlConnection primary, long post)
    {
        await using var command = new NpgsqlCommand("SELECT coalesce(sum(value), 0)::bigint FROM counter_slots WHERE name = '@likes' AND key = $1", primary)
        {
            Parameters = { new() { Value = post.ToString(CultureInfo.InvariantCulture) } },
        };
        return (long)(await command.ExecuteScalarAsync(Cancel))!;
    }
}
