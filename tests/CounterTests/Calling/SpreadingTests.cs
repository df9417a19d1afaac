using System.Net;
using System.Text.Json;
using Floodgate.CounterTests.Running;

namespace Floodgate.CounterTests.Calling;

public sealed class SpreadingTests(Servers servers)
{
    [Fact]
    public async Task A_hot_counter_uses_several_partitions_and_its_value_is_right()
    {
        await using var counter = await ServiceProcess.StartCounterAsync(
            servers, ("Floodgate__Counters__SpreadAbove", "20"), ("Floodgate__Counters__SpreadInterval", "00:00:00.100"));
        await using var flush = await ServiceProcess.StartFlushAsync(servers);
        var key = Guid.NewGuid().ToString("N");
        var added = 0L;
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 8).Select(async _ =>
        {
            while (!stop.IsCancellationRequested)
            {
                await counter.Http.AddAsync(7, $"hot/{key}", 3).JsonAsync(HttpStatusCode.Accepted);
                Interlocked.Add(ref added, 3);
            }
        }).ToArray();

        await Wait.UntilAsync(async () => await WidthAsync(counter, $"hot/{key}") == 8, "the counter is spread over all partitions");
        var until = Interlocked.Read(ref added) + 300;
        await Wait.UntilAsync(() => Task.FromResult(Interlocked.Read(ref added) >= until), "each partition has got writes");
        await stop.CancelAsync();
        await Task.WhenAll(writers);
        await counter.Http.DrainAsync();

        Assert.Equal(8, await servers.ScalarAsync<long>($"SELECT count(*) FROM counter_slots WHERE name = 'hot' AND key = '{key}'"));
        Assert.Equal(added, await servers.ScalarAsync<long>($"SELECT sum(value)::bigint FROM counter_slots WHERE name = 'hot' AND key = '{key}'"));
        Assert.Equal(added, (await counter.Http.GetJsonAsync($"/counters/hot?keys={key}")).GetProperty(key).GetInt64());
    }

    [Fact]
    public async Task The_likes_of_a_viral_post_use_all_partitions()
    {
        const long post = 160;
        await using var counter = await ServiceProcess.StartCounterAsync(servers);
        await using var flush = await ServiceProcess.StartFlushAsync(servers);

        await Task.WhenAll(Enumerable.Range(50_000, 200).Select(user => counter.Http.LikeAsync(user, post).JsonAsync()));
        await counter.Http.DrainAsync();

        Assert.Equal(8, await servers.ScalarAsync<long>($"SELECT count(*) FROM counter_slots WHERE name = '@likes' AND key = '{post}' AND value > 0"));
        Assert.Equal((200, 200, 200), await counter.Http.LikesAsync(post));
    }

    private static async Task<int> WidthAsync(ServiceProcess counter, string of)
    {
        var status = await counter.Http.GetJsonAsync("/internal/status");
        var found = status.GetProperty("hottest").EnumerateArray().FirstOrDefault(hot => hot.GetProperty("counter").GetString() == of);
        return found.ValueKind == JsonValueKind.Undefined ? 0 : found.GetProperty("width").GetInt32();
    }
}
