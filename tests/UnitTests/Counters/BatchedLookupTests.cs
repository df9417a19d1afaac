using Floodgate.CounterService.Lookups;
using Floodgate.VisibleValues;

namespace Floodgate.UnitTests.Counters;

public sealed class BatchedLookupTests
{
    [Fact]
    public async Task Ten_thousand_callers_for_one_key_make_one_query()
    {
        var queries = 0;
        var go = new TaskCompletionSource();
        var lookup = new BatchedLookup<int, int>("numbers", async keys =>
        {
            Interlocked.Increment(ref queries);
            await go.Task;
            return [.. keys.Select(key => key * 2)];
        });
        var asked = Enumerable.Range(0, 10_000).Select(_ => lookup.GetAsync(21)).ToList();
        go.SetResult();

        Assert.All(await Task.WhenAll(asked), answer => Assert.Equal(42, answer));
        Assert.Equal(1, queries);
    }

    [Fact]
    public async Task Keys_that_come_while_a_query_runs_share_the_next()
    {
        var sizes = new List<int>();
        var go = new TaskCompletionSource();
        var lookup = new BatchedLookup<int, int>(
            "numbers",
            async keys =>
            {
                sizes.Add(keys.Count);
                await go.Task;
                return [.. keys];
            },
            batchSize: 100,
            concurrency: 1);
        var first = lookup.GetAsync(-1);
        while (sizes.Count == 0)
        {
            await Task.Yield();
        }

        var rest = Enumerable.Range(0, 250).Select(lookup.GetAsync).ToList();
        go.SetResult();

        Assert.Equal(-1, await first);
        Assert.Equal(Enumerable.Range(0, 250), await Task.WhenAll(rest));
        Assert.Equal([1, 100, 100, 50], sizes);
    }

    [Fact]
    public async Task A_query_that_fails_fails_its_callers_and_the_next_is_asked_anew()
    {
        var fail = true;
        var lookup = new BatchedLookup<int, int>(
            "numbers", keys => fail ? throw new TimeoutException() : Task.FromResult<IReadOnlyList<int>>([.. keys]));

        await Assert.ThrowsAsync<TimeoutException>(() => lookup.GetAsync(1));
        fail = false;

        Assert.Equal(1, await lookup.GetAsync(1));
    }

    [Fact]
    public async Task More_than_may_wait_are_refused()
    {
        var go = new TaskCompletionSource();
        var lookup = new BatchedLookup<int, int>(
            "numbers",
            async keys =>
            {
                await go.Task;
                return [.. keys];
            },
            batchSize: 1, waiting: 5, concurrency: 1);

        var asked = Enumerable.Range(0, 20).Select(lookup.GetAsync).ToList();

        await Assert.ThrowsAsync<LookupBusyException>(() => asked[^1]);
        go.SetResult();
        Assert.Equal(0, await asked[0]);
    }
}
