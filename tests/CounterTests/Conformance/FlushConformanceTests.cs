using System.Globalization;
using Floodgate.CounterService.Hosting;
using Floodgate.CounterService.Reading;
using Floodgate.CounterTests.Flushing;
using Floodgate.CounterTests.Running;
using Floodgate.FlushWorker.Applying;
using Floodgate.Messaging.Counters;
using Floodgate.Model;
using Floodgate.Nodes;
using Floodgate.VisibleValues;
using Microsoft.Extensions.Options;

namespace Floodgate.CounterTests.Conformance;

/// <summary>That the simulation's model of the tables does what the flush's transactions do.</summary>
public sealed class FlushConformanceTests(Servers servers)
{
    private const int Batches = 40;
    private const int Retirement = 32;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task The_model_holds_what_the_transactions_write(int seed)
    {
        await using var bench = new FlushBench(servers);
        var model = new ModelStore(() => DateTimeOffset.UtcNow);
        var content = new RandomEnvelopes(new Random(seed), bench.Partition);
        for (var i = 0; i < Batches; i++)
        {
            if (i == Retirement)
            {
                await RetireAsync(bench.Partition, model);
            }

            if (i % 9 == 8)
            {
                var envelope = content.Next();
                var body = EnvelopeCodec.Encode(envelope);
                var parked = await bench.Transaction.ParkAsync(bench.Partition, body, envelope, "a test", FlushBench.Token);
                Assert.Equal(Text(model.Park(bench.Partition, body, envelope, "a test")), Text(parked));
            }

            var batch = Enumerable.Range(0, i % 6).Select(_ => content.Next()).ToArray();
            var flushed = await bench.Transaction.CommitAsync(bench.Partition, batch, FlushBench.Token);
            Assert.Equal(Text(model.Commit(bench.Partition, batch)), Text(flushed));
        }

        await CompareTablesAsync(bench.Partition, model, content);
    }

    // Everything there is until then.
    private async Task RetireAsync(int partition, ModelStore model)
    {
        var before = DateTimeOffset.UtcNow.AddHours(1);
        model.Retire(partition, before);
        var text = before.ToString("O", CultureInfo.InvariantCulture);
        await servers.ExecuteAsync($"UPDATE flush_partitions SET retired_before = '{text}' WHERE partition = {partition}");
        await servers.ExecuteAsync($"DELETE FROM flush_ledger WHERE partition = {partition} AND updated_at < '{text}'");
    }

    private async Task CompareTablesAsync(int partition, ModelStore model, RandomEnvelopes content)
    {
        var row = model.Partitions[partition];
        Assert.Equal(
            string.Create(CultureInfo.InvariantCulture, $"{row.Version} {row.Envelopes} {row.Amount}"),
            await servers.ScalarAsync<string>($"SELECT concat_ws(' ', version, envelopes, amount) FROM flush_partitions WHERE partition = {partition}"));
        Assert.Equal(model.Parked.Count, await servers.ScalarAsync<long>($"SELECT count(*) FROM flush_parked WHERE partition = {partition}"));
        foreach (var ((user, post), reaction) in model.Reactions)
        {
            Assert.Equal(
                string.Create(CultureInfo.InvariantCulture, $"{(reaction.Liked ? 't' : 'f')} {reaction.Version}"),
                await servers.ScalarAsync<string>($"SELECT concat_ws(' ', liked, version) FROM reactions WHERE user_id = {user} AND post_id = {post}"));
        }

        var table = new SlotTable(new PostgresNodes(servers.Postgres), Options.Create(new CounterOptions()));
        var slots = await table.ReadAsync(content.Counters);
        for (var i = 0; i < slots.Length; i++)
        {
            Assert.Equal(string.Join('\n', model.ReadSlots(content.Counters[i]).Select(Text)), string.Join('\n', slots[i].Select(Text)));
        }
    }

    private static string Text(ParkedEnvelope parked) => $"{parked.IsNew} {Text(parked.Touched)}";

    private static string Text(FlushedBatch batch) => string.Create(
        CultureInfo.InvariantCulture,
        $"{batch.Version} {batch.Envelopes} {batch.Writes} {batch.Duplicates} {batch.RepeatedRequests} [{string.Join(' ', batch.Retired)}]\n")
        + string.Join('\n', batch.Slots.OrderBy(of => of.Counter).Select(of =>
            string.Create(CultureInfo.InvariantCulture, $"{of.Counter} {Text(of.Slot)} after {of.Previous}: {string.Join(' ', of.Envelopes)}")));

    private static string Text(CounterSlot slot) => string.Create(
        CultureInfo.InvariantCulture, $"p{slot.Partition} {slot.Value}@{slot.Version} {string.Join(';', slot.Watermarks.Split(';').Order(StringComparer.Ordinal))}");

    /// <summary>Envelopes of few producers with few numbers, counters, keys and pairs: some come more than once, out of order.</summary>
    private sealed class RandomEnvelopes(Random random, int partition)
    {
        private const int Sequences = 40;

        private readonly Guid[] _producers = [Guid.CreateVersion7(), Guid.CreateVersion7()];
        private readonly long[] _posts = [FlushBench.NewPost(), FlushBench.NewPost()];
        private readonly CounterId[] _counters = [FlushBench.NewCounter(), FlushBench.NewCounter()];
        private readonly string _key = Guid.NewGuid().ToString("N");
        private readonly Dictionary<EnvelopeId, CounterEnvelope> _made = [];

        public CounterId[] Counters => [.. _counters, .. _posts.Select(CounterId.Likes)];

        public CounterEnvelope Next()
        {
            var id = new EnvelopeId(_producers[random.Next(2)], partition, random.Next(1, Sequences));
            if (!_made.TryGetValue(id, out var envelope))
            {
                var deltas = Enumerable.Range(0, random.Next(3)).Select(_ => Delta()).ToArray();
                var reactions = Enumerable.Range(0, random.Next(4)).Select(_ =>
                    new Reaction(random.Next(1, 4), _posts[random.Next(2)], random.Next(2) == 0, random.Next(1, 100))).ToArray();
                _made.Add(id, envelope = new CounterEnvelope(id, DateTimeOffset.FromUnixTimeSeconds(1_700_000_000), deltas, reactions));
            }

            return envelope;
        }

        // A key is for one counter and one amount.
        private CounterDelta Delta()
        {
            var key = random.Next(6);
            return random.Next(2) == 0
                ? new CounterDelta(_counters[random.Next(2)], random.Next(-5, 6), null)
                : new CounterDelta(_counters[key % 2], key, new RequestKey(1, $"{_key}-{key}"));
        }
    }
}
