using System.Text.Json;
using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Auditing;

/// <summary>Faults put into the database by hand, and the audit of a FlushWorker that looks every 200 ms.</summary>
public sealed class AuditTests(Servers servers) : IAsyncLifetime
{
    private const long Post = 150;

    private ServiceProcess? _counter;
    private ServiceProcess? _flush;

    public async ValueTask InitializeAsync()
    {
        _counter = await ServiceProcess.StartCounterAsync(servers);
        _flush = await ServiceProcess.StartFlushAsync(
            servers, ("Floodgate__Counters__Audit__RecountInterval", "00:00:00.200"), ("Floodgate__Counters__Audit__ConservationInterval", "00:00:00.200"));
    }

    [Fact]
    public async Task A_slot_that_was_edited_by_hand_is_found_and_corrected_and_shown_right()
    {
        var post = await LikeAsync(Post, likes: 5);
        await servers.ExecuteAsync($"UPDATE counter_slots SET value = value + 7 WHERE name = '@likes' AND key = '{post}' AND value > 0");

        await UntilRightAsync(post, 5);

        Assert.Contains("-7", await CorrectionsAsync(post));
        Assert.True((await AuditAsync()).GetProperty("corrected").GetInt64() > 0);
        await Wait.UntilAsync(async () => await ImbalanceAsync() == 0, "the partitions balance again");
    }

    [Fact]
    public async Task A_slot_that_was_deleted_is_found_by_the_reactions()
    {
        var post = await LikeAsync(Post + 1, likes: 4);
        await servers.ExecuteAsync($"DELETE FROM counter_slots WHERE name = '@likes' AND key = '{post}'");

        await UntilRightAsync(post, 4);
        await Wait.UntilAsync(async () => await ImbalanceAsync() == 0, "the partitions balance again");
    }

    [Fact]
    public async Task A_reaction_that_was_deleted_by_hand_is_no_longer_counted()
    {
        var post = await LikeAsync(Post + 2, likes: 3);
        await servers.ExecuteAsync($"DELETE FROM reactions WHERE post_id = {post} AND user_id = (SELECT min(user_id) FROM reactions WHERE post_id = {post})");

        await UntilRightAsync(post, 2);
        Assert.Contains("-1", await CorrectionsAsync(post));
        await Wait.UntilAsync(async () => await ImbalanceAsync() == 0, "the partitions balance again");
    }

    [Fact]
    public async Task A_plain_counter_that_was_edited_by_hand_is_found_by_the_balance_of_its_partition()
    {
        var key = Guid.NewGuid().ToString("N");
        await _counter!.Http.AddAsync(7, $"test/{key}", 4);
        await _counter.Http.DrainAsync();
        await Wait.UntilAsync(async () => await ImbalanceAsync() == 0, "the partitions balance");

        await servers.ExecuteAsync($"UPDATE counter_slots SET value = value + 9 WHERE name = 'test' AND key = '{key}'");
        await Wait.UntilAsync(async () => await ImbalanceAsync() == 9, "the imbalance is seen");

        await servers.ExecuteAsync($"UPDATE counter_slots SET value = value - 9 WHERE name = 'test' AND key = '{key}'");
        await Wait.UntilAsync(async () => await ImbalanceAsync() == 0, "the partitions balance again");
    }

    public async ValueTask DisposeAsync()
    {
        await _counter!.DisposeAsync();
        await _flush!.DisposeAsync();
    }

    private async Task<long> LikeAsync(long post, int likes)
    {
        for (var user = 1; user <= likes; user++)
        {
            await _counter!.Http.LikeAsync(8000 + user, post).JsonAsync();
        }

        await _counter!.Http.DrainAsync();
        return post;
    }

    private Task UntilRightAsync(long post, long likes) => Wait.UntilAsync(
        async () => await _counter!.Http.LikesAsync(post) == (likes, likes, likes), "reactions, slots and the visible value are the same");

    private Task<string> CorrectionsAsync(long post) => servers.ScalarAsync<string>(
        $"SELECT string_agg(amount::text, ' ' ORDER BY id) FROM counter_corrections WHERE name = '@likes' AND key = '{post}'");

    private async Task<decimal> ImbalanceAsync() =>
        (await AuditAsync()).GetProperty("partitions").EnumerateArray().Where(of => of.GetProperty("partition").GetInt32() < 500)
            .Sum(of => Math.Abs(of.GetProperty("difference").GetDecimal()));

    private async Task<JsonElement> AuditAsync() => (await _flush!.Http.GetJsonAsync("/internal/status")).GetProperty("audit");
}
