using System.Text;
using Floodgate.CounterTests.Running;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;

namespace Floodgate.CounterTests.Flushing;

public sealed class PoisonTests(Servers servers)
{
    [Fact]
    public async Task A_message_that_is_no_envelope_is_parked_with_its_content_and_its_neighbours_are_applied()
    {
        await using var bench = new FlushBench(servers);
        await bench.DeclareAsync();
        var counter = FlushBench.NewCounter();
        var garbage = Encoding.ASCII.GetBytes($"garbage {counter.Key}");
        await bench.PublishAsync(bench.Add(counter, 1));
        await bench.PublishAsync(garbage);
        await bench.PublishAsync(garbage);
        await bench.PublishAsync(bench.Add(counter, 2));

        await bench.ConsumeAsync(envelopes: 4);

        Assert.Equal(3, await bench.FlushedAsync(counter));
        var (content, reason) = Assert.Single(await bench.ParkedAsync());
        Assert.Equal(garbage, content);
        Assert.Contains("begin", reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_envelope_for_another_partition_is_parked()
    {
        await using var bench = new FlushBench(servers);
        await bench.DeclareAsync();
        var counter = FlushBench.NewCounter();
        var stray = bench.Add(counter, 1);
        await bench.PublishAsync(stray with { Id = stray.Id with { Partition = 3 } });

        await bench.ConsumeAsync(envelopes: 1);

        Assert.Contains("partition 3", Assert.Single(await bench.ParkedAsync()).Reason, StringComparison.Ordinal);
        Assert.Equal(0, await bench.FlushedAsync(counter));
    }

    [Theory]
    [InlineData(1, new[] { 0 })]
    [InlineData(40, new[] { 0 })]
    [InlineData(40, new[] { 39 })]
    [InlineData(41, new[] { 7, 8, 30 })]
    public async Task Envelopes_that_fail_in_SQL_are_found_and_parked_and_their_neighbours_applied_in_order(int count, int[] bad)
    {
        await using var bench = new FlushBench(servers);
        await bench.DeclareAsync();
        var (counter, full) = (FlushBench.NewCounter(), FlushBench.NewCounter());
        await bench.FlushAsync(bench.Add(full, 1));
        await bench.LoadAsync(counter);
        await servers.ExecuteAsync($"UPDATE counter_slots SET value = {long.MaxValue} WHERE key = '{full.Key}'");
        var post = FlushBench.NewPost();
        for (var i = 0; i < count; i++)
        {
            CounterDelta[] deltas = bad.Contains(i) ? [new(counter, 1000, null), new(full, 1, null)] : [new(counter, 1, null)];
            var envelope = bench.Envelope(deltas, [new Reaction(1, post, Liked: i % 2 == 0, Version: i + 1)]);
            await bench.PublishAsync(envelope);
            await bench.ApplyAsync(envelope, counter, bad.Contains(i) ? 1000 : 1);
        }

        await bench.ConsumeAsync(envelopes: count);

        var good = count - bad.Length;
        Assert.Equal(good, await bench.FlushedAsync(counter));
        Assert.Equal(good, await bench.ShownAsync(counter));
        var parked = await bench.ParkedAsync();
        Assert.Equal(bad.Select(i => i + 2L), parked.Select(of => EnvelopeCodec.Decode(of.Content).Id.Sequence));
        Assert.All(parked, of => Assert.Contains("out of range", of.Reason, StringComparison.Ordinal));
        var last = Enumerable.Range(0, count).Except(bad).LastOrDefault(-1);
        Assert.Equal(last >= 0 && last % 2 == 0 ? 1 : 0, await bench.ReactionsAsync(post));
    }

    [Fact]
    public async Task A_database_that_refuses_everything_makes_nothing_be_parked()
    {
        await using var bench = new FlushBench(servers);
        await bench.DeclareAsync();
        var counter = FlushBench.NewCounter();
        await bench.PublishAsync(bench.Add(counter, 1));
        await servers.ExecuteAsync($"""
            CREATE FUNCTION refuse_{bench.Partition}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$;
            CREATE TRIGGER refuse_{bench.Partition} BEFORE UPDATE ON flush_partitions
                FOR EACH ROW WHEN (new.partition = {bench.Partition}) EXECUTE FUNCTION refuse_{bench.Partition}()
            """);

        var consuming = bench.ConsumeAsync(envelopes: 1);
        await Wait.UntilAsync(() => Task.FromResult(bench.Failures >= 2), "the batch was tried twice");
        Assert.Empty(await bench.ParkedAsync());
        await servers.ExecuteAsync($"DROP FUNCTION refuse_{bench.Partition} CASCADE");
        await consuming;

        Assert.Equal(1, await bench.FlushedAsync(counter));
        Assert.Empty(await bench.ParkedAsync());
    }

    [Fact]
    public async Task A_batch_that_takes_too_long_is_flushed_in_parts()
    {
        await using var bench = new FlushBench(servers, commitTimeout: TimeSpan.FromSeconds(1));
        await bench.DeclareAsync();
        var counters = Enumerable.Range(0, 8).Select(_ => FlushBench.NewCounter()).ToList();

        // Each slot takes 300 ms: eight at once are too many, two are not.
        await servers.ExecuteAsync($"""
            CREATE FUNCTION slow_{bench.Partition}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.3); RETURN new; END $$;
            CREATE TRIGGER slow_{bench.Partition} BEFORE INSERT ON counter_slots
                FOR EACH ROW WHEN (new.partition = {bench.Partition}) EXECUTE FUNCTION slow_{bench.Partition}()
            """);
        foreach (var counter in counters)
        {
            await bench.PublishAsync(bench.Add(counter, 1));
        }

        await bench.ConsumeAsync(envelopes: counters.Count);
        await servers.ExecuteAsync($"DROP FUNCTION slow_{bench.Partition} CASCADE");

        foreach (var counter in counters)
        {
            Assert.Equal(1, await bench.FlushedAsync(counter));
        }

        Assert.Equal("{[1,9)}", await bench.LedgerAsync());
        Assert.Empty(await bench.ParkedAsync());
    }

    [Fact]
    public async Task An_envelope_of_a_retired_producer_is_parked_unless_the_ledger_knows_it()
    {
        await using var bench = new FlushBench(servers);
        await bench.DeclareAsync();
        var counter = FlushBench.NewCounter();
        var known = bench.Add(counter, 1);
        var next = bench.Add(counter, 10);
        await bench.FlushAsync(known);
        await servers.ExecuteAsync($"UPDATE flush_partitions SET retired_before = now() + interval '1 hour' WHERE partition = {bench.Partition}");
        var unknown = bench.Add(counter, 100);
        unknown = unknown with { Id = unknown.Id with { Producer = Guid.CreateVersion7() } };
        await bench.LoadAsync(counter, new CounterSlot(bench.Partition, 1, 1));
        await bench.ApplyAsync(unknown, counter, 100);
        foreach (var envelope in new[] { known, next, unknown })
        {
            await bench.PublishAsync(envelope);
        }

        await bench.ConsumeAsync(envelopes: 3);

        Assert.Equal(11, await bench.FlushedAsync(counter));
        Assert.Equal(11, await bench.ShownAsync(counter));
        Assert.Contains("retired", Assert.Single(await bench.ParkedAsync()).Reason, StringComparison.Ordinal);
    }
}
