using Floodgate.CounterTests.Running;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;

namespace Floodgate.CounterTests.Flushing;

public sealed class ReconcileTests(Servers servers)
{
    [Fact]
    public async Task A_counter_shows_nothing_before_its_slots_are_read()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var envelope = bench.Add(counter, 5);

        Assert.Null(await bench.ShownAsync(counter));
        Assert.Null(await bench.ApplyAsync(envelope, counter, 5));
        Assert.Equal(105, await bench.LoadAsync(counter, new CounterSlot(9, 100, 1)));
    }

    [Fact]
    public async Task That_nobody_likes_a_post_is_remembered_longer_than_that_a_name_was_never_counted()
    {
        await using var bench = new FlushBench(servers);
        var (post, madeUp) = (CounterId.Likes(FlushBench.NewPost()), FlushBench.NewCounter());
        await bench.LoadAsync(post);
        await bench.LoadAsync(madeUp);

        Assert.InRange(await LifeAsync(CounterHash.ShownKeyOf(post)), TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
        Assert.InRange(await LifeAsync(CounterHash.KeyOf(post)), TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
        Assert.InRange(await LifeAsync(CounterHash.ShownKeyOf(madeUp)), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

        // As long as any other, once somebody likes it.
        var envelope = bench.Add(post, 1);
        await bench.ApplyAsync(envelope, post, 1);
        Assert.True(await LifeAsync(CounterHash.ShownKeyOf(post)) > TimeSpan.FromMinutes(10));
    }

    [Fact]
    public async Task What_is_flushed_is_no_longer_pending()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        await bench.LoadAsync(counter);
        var (first, second) = (bench.Add(counter, 5), bench.Add(counter, 6));
        await bench.ApplyAsync(first, counter, 5);
        await bench.FlushAsync(first);
        Assert.Equal(11, await bench.ApplyAsync(second, counter, 6));
        await bench.FlushAsync(second);

        Assert.Equal(11, await bench.ShownAsync(counter));
        Assert.False(await bench.Hash.IsPendingAsync(counter, second.Id));
    }

    [Fact]
    public async Task An_apply_that_comes_after_the_flush_changes_nothing()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        await bench.LoadAsync(counter);
        var envelope = bench.Add(counter, 5);

        await bench.FlushAsync(envelope);
        Assert.Equal(5, await bench.ShownAsync(counter));

        Assert.Equal(5, await bench.ApplyAsync(envelope, counter, 5));
    }

    [Fact]
    public async Task An_apply_that_comes_twice_counts_once()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        await bench.LoadAsync(counter);
        var envelope = bench.Add(counter, 5);

        await bench.ApplyAsync(envelope, counter, 5);

        Assert.Equal(5, await bench.ApplyAsync(envelope, counter, 5));
    }

    [Fact]
    public async Task A_load_that_is_older_than_a_flush_does_not_take_it_back()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        await bench.LoadAsync(counter);
        var flushed = await bench.FlushAsync(bench.Add(counter, 5));
        await bench.FlushAsync(bench.Add(counter, 5));

        await bench.LoadAsync(counter, flushed.Slots[0].Slot);

        Assert.Equal(10, await bench.ShownAsync(counter));
    }

    [Fact]
    public async Task A_flush_that_Redis_missed_is_noticed_by_the_next()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        await bench.LoadAsync(counter);
        var (missed, next) = (bench.Add(counter, 5), bench.Add(counter, 6));
        await bench.ApplyAsync(missed, counter, 5);
        await bench.Transaction.CommitAsync(bench.Partition, [missed], FlushBench.Token);
        await bench.ApplyAsync(next, counter, 6);

        await bench.FlushAsync(next);

        Assert.Null(await bench.ShownAsync(counter));
        Assert.Equal(11, await bench.ReloadAsync(counter));
    }

    [Fact]
    public async Task A_load_that_was_overtaken_by_a_flush_does_not_take_it_back()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var (first, second) = (bench.Add(counter, 5), bench.Add(counter, 6));
        var old = await bench.FlushAsync(first);
        await bench.ApplyAsync(second, counter, 6);
        await bench.FlushAsync(second);

        Assert.Equal(11, await bench.LoadAsync(counter, old.Slots[0].Slot));
    }

    [Fact]
    public async Task A_load_is_refused_if_Redis_lost_word_of_a_newer_flush_meanwhile()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var old = await bench.FlushAsync(bench.Add(counter, 5));
        var mark = await bench.Hash.BeginLoadAsync(counter, "mark");
        await bench.FlushAsync(bench.Add(counter, 6));
        await servers.Redis.GetDatabase().KeyDeleteAsync(CounterHash.KeyOf(counter));

        Assert.Null(await bench.Hash.LoadAsync(counter, mark, [old.Slots[0].Slot]));
        Assert.Equal(11, await bench.ReloadAsync(counter));
    }

    [Fact]
    public async Task An_apply_that_comes_after_Redis_lost_everything_and_the_counter_was_loaded_anew_changes_nothing()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        await bench.LoadAsync(counter);
        var envelope = bench.Add(counter, 5);
        await bench.FlushAsync(envelope);
        await servers.Redis.GetDatabase().KeyDeleteAsync(CounterHash.KeyOf(counter));
        await bench.ReloadAsync(counter);

        Assert.Equal(5, await bench.ApplyAsync(envelope, counter, 5));
    }

    [Fact]
    public async Task A_load_takes_away_what_is_pending_and_in_the_slots_already()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        var (flushed, pending) = (bench.Add(counter, 5), bench.Add(counter, 6));
        await bench.Transaction.CommitAsync(bench.Partition, [flushed], FlushBench.Token);
        await bench.ApplyAsync(flushed, counter, 5);
        await bench.ApplyAsync(pending, counter, 6);

        Assert.Equal(11, await bench.ReloadAsync(counter));
        await bench.FlushAsync(pending);
        Assert.Equal(11, await bench.ShownAsync(counter));
    }

    [Theory]
    [InlineData("another", 1)]
    [InlineData("test", 2)]
    public async Task What_another_generation_left_is_neither_shown_nor_believed(string run, long epoch)
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        await bench.LoadAsync(counter);
        var envelope = bench.Add(counter, 5);
        await bench.ApplyAsync(envelope, counter, 5);
        await bench.Transaction.CommitAsync(bench.Partition, [envelope], FlushBench.Token);

        bench.Generation.SetRun(run, losses: 0);
        bench.Generation.SetEpoch(epoch, losses: 0);

        Assert.Null(await bench.ShownAsync(counter));
        Assert.Equal(5, await bench.ReloadAsync(counter));
        Assert.Equal(5, await bench.ShownAsync(counter));
    }

    [Fact]
    public async Task A_flush_that_cannot_tell_Redis_makes_everything_be_loaded_anew()
    {
        await using var bench = new FlushBench(servers, reconcilePatience: TimeSpan.Zero);
        var counter = FlushBench.NewCounter();
        await bench.LoadAsync(counter);
        var envelope = bench.Add(counter, 5);
        await bench.ApplyAsync(envelope, counter, 5);

        bench.Generation.LoseRun();
        await bench.FlushAsync(envelope);
        bench.Generation.SetRun("test", losses: 1);

        Assert.Null(await bench.ShownAsync(counter));
        Assert.Equal(5, await bench.ReloadAsync(counter));
    }

    [Fact]
    public async Task A_redelivered_envelope_is_reconciled_even_though_it_is_applied_already()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        await bench.LoadAsync(counter);
        var envelope = bench.Add(counter, 5);
        await bench.ApplyAsync(envelope, counter, 5);
        await bench.Transaction.CommitAsync(bench.Partition, [envelope], FlushBench.Token);

        await bench.FlushAsync(envelope);

        Assert.Equal(5, await bench.ReloadAsync(counter));
        Assert.False(await bench.Hash.IsPendingAsync(counter, envelope.Id));
    }

    [Fact]
    public async Task A_counter_with_many_pending_envelopes_is_reconciled_whole()
    {
        await using var bench = new FlushBench(servers);
        var counter = FlushBench.NewCounter();
        await bench.LoadAsync(counter);
        var envelopes = Enumerable.Range(0, 1234).Select(_ => bench.Add(counter, 1)).ToArray();
        await Task.WhenAll(envelopes.Select(envelope => bench.ApplyAsync(envelope, counter, 1)));
        Assert.Equal(1234, await bench.ShownAsync(counter));

        await bench.FlushAsync(envelopes);

        Assert.Equal(1234, await bench.ShownAsync(counter));
        Assert.Equal(4, await servers.Redis.GetDatabase().HashLengthAsync(CounterHash.KeyOf(counter)));
    }

    private async Task<TimeSpan> LifeAsync(string key) => await servers.Redis.GetDatabase().KeyTimeToLiveAsync(key) ?? TimeSpan.Zero;
}
