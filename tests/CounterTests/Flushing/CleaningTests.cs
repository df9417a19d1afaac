using System.ComponentModel.DataAnnotations;
using Floodgate.CounterTests.Running;
using Floodgate.FlushWorker.Retiring;
using Floodgate.Messaging.Counters;
using Floodgate.Nodes;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterTests.Flushing;

public sealed class CleaningTests(Servers servers)
{
    [Fact]
    public async Task A_producer_long_silent_is_forgotten_and_what_it_sends_then_is_left_out()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var old = bench.Add(counter, 1);
        await bench.FlushAsync(old);

        Assert.Equal(0, (await CleanAsync(bench, after: TimeSpan.FromDays(29))).Producers);
        Assert.Equal("{[1,2)}", await bench.LedgerAsync());
        Assert.Equal(1, (await CleanAsync(bench, after: TimeSpan.FromDays(31))).Producers);

        Assert.Equal(0, await servers.ScalarAsync<long>($"SELECT count(*) FROM flush_ledger WHERE partition = {bench.Partition}"));
        var again = await bench.FlushAsync(old);
        Assert.Equal([old.Id], again.Retired);
        Assert.Equal(1, await bench.FlushedAsync(counter));
    }

    [Fact]
    public async Task Minutes_become_hours_once_and_late_comers_are_added()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var hour = new DateTimeOffset(DateTime.UtcNow.Date.AddHours(6), TimeSpan.Zero);
        await bench.FlushAsync([.. Enumerable.Range(0, 90).Select(i => bench.Add(counter, 1) with { SentAt = hour.AddMinutes(i).AddSeconds(30) })]);
        Assert.Equal((90, 90, 0), await SumsAsync(counter));

        // At 10:20 with three hours kept: what is before 7:00 is rolled up.
        var rolled = hour.AddHours(4).AddMinutes(20);
        await CleanAsync(bench, now: rolled);
        Assert.Equal((30, 30, 60), await SumsAsync(counter));

        await bench.FlushAsync(bench.Add(counter, 5) with { SentAt = hour.AddMinutes(3) });
        await CleanAsync(bench, now: rolled);
        await CleanAsync(bench, now: rolled);
        Assert.Equal((30, 30, 65), await SumsAsync(counter));

        await CleanAsync(bench, now: hour.AddDays(9));
        Assert.Equal((0, 0, 0), await SumsAsync(counter));
    }

    [Fact]
    public async Task An_Idempotency_Key_is_forgotten_after_a_week()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var request = new RequestKey(77, counter.Key);

        // What other tests have parked here would keep every later key: it might be replayed.
        await servers.ScalarAsync<long>("WITH later AS (UPDATE flush_parked SET parked_at = parked_at + interval '30 days' RETURNING 1) SELECT count(*) FROM later");
        await bench.FlushAsync(bench.Add(counter, 5, request));
        Assert.Equal(
            $"{counter.Name} {counter.Key} 5",
            await servers.ScalarAsync<string>($"SELECT counter_name || ' ' || counter_key || ' ' || amount FROM counter_requests WHERE key = '{request.Key}'"));

        await CleanAsync(bench, after: TimeSpan.FromDays(6));
        Assert.Equal(1, await servers.ScalarAsync<long>($"SELECT count(*) FROM counter_requests WHERE key = '{request.Key}'"));
        await CleanAsync(bench, after: TimeSpan.FromDays(8));
        Assert.Equal(0, await servers.ScalarAsync<long>($"SELECT count(*) FROM counter_requests WHERE key = '{request.Key}'"));
    }

    [Fact]
    public async Task A_like_is_counted_in_the_minute_of_the_envelope_that_won()
    {
        await using var bench = new FlushBench(servers);
        var post = FlushBench.NewPost();
        var hour = new DateTimeOffset(DateTime.UtcNow.Date, TimeSpan.Zero);
        await bench.FlushAsync(
            bench.React(new Reaction(1, post, true, 5)) with { SentAt = hour.AddMinutes(1) },
            bench.React(new Reaction(1, post, true, 4)) with { SentAt = hour.AddMinutes(2) });
        await bench.FlushAsync(bench.React(new Reaction(1, post, true, 6), new Reaction(2, post, true, 1)) with { SentAt = hour.AddMinutes(3) });

        Assert.Equal("00:01=1 00:03=1", await servers.ScalarAsync<string>(
            $"SELECT string_agg(to_char(minute AT TIME ZONE 'UTC', 'HH24:MI') || '=' || amount, ' ' ORDER BY minute) FROM counter_minutes WHERE name = '@likes' AND key = '{post}'"));
    }

    [Fact]
    public async Task A_partition_knows_how_much_was_ever_applied()
    {
        await using var bench = new FlushBench(servers);
        var envelope = bench.Add(FlushBench.NewCounter(), 5);
        await bench.FlushAsync(envelope, bench.Add(FlushBench.NewCounter(), -7));
        await bench.FlushAsync(envelope, bench.React(new Reaction(1, FlushBench.NewPost(), true, 5)));

        Assert.Equal("3 -1", await servers.ScalarAsync<string>($"SELECT envelopes || ' ' || amount FROM flush_partitions WHERE partition = {bench.Partition}"));
    }

    [Fact]
    public void Options_that_contradict_each_other_are_both_named()
    {
        var options = new RetiringOptions { RetireAfter = TimeSpan.FromDays(2), KeepHoursFor = TimeSpan.FromHours(3) };

        var errors = options.Validate(new ValidationContext(options)).Select(error => error.ErrorMessage!).ToList();

        Assert.Equal(2, errors.Count);
        Assert.Contains("Counters:RetireAfter", errors[0], StringComparison.Ordinal);
        Assert.Contains("Counters:ProducerLifetime", errors[0], StringComparison.Ordinal);
        Assert.Contains("Counters:KeepHoursFor", errors[1], StringComparison.Ordinal);
        Assert.Contains("Counters:KeepMinutesFor", errors[1], StringComparison.Ordinal);
    }

    private Task<(long Producers, long Requests, long Minutes, long Hours)> CleanAsync(FlushBench bench, TimeSpan after) =>
        CleanAsync(bench, DateTimeOffset.UtcNow + after);

    // Only this test's partition: what is in the future here would retire every producer there is.
    private async Task<(long Producers, long Requests, long Minutes, long Hours)> CleanAsync(FlushBench bench, DateTimeOffset now)
    {
        var options = Options.Create(new RetiringOptions { CleaningRows = 7 });
        return await new Cleaning(new PostgresNodes(servers.Postgres), options, new At(now)).RunAsync([bench.Partition], FlushBench.Token);
    }

    private async Task<(long Rows, long Minutes, long Hours)> SumsAsync(CounterId counter)
    {
        var where = $"name = '{counter.Name}' AND key = '{counter.Key}'";
        return (
            await servers.ScalarAsync<long>($"SELECT count(*) FROM counter_minutes WHERE {where}"),
            await servers.ScalarAsync<long>($"SELECT coalesce(sum(amount), 0)::bigint FROM counter_minutes WHERE {where}"),
            await servers.ScalarAsync<long>($"SELECT coalesce(sum(amount), 0)::bigint FROM counter_hours WHERE {where}"));
    }

    private sealed class At(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }
}
