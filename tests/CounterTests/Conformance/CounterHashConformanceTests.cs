using Floodgate.CounterTests.Flushing;
using Floodgate.CounterTests.Running;
using Floodgate.Messaging.Counters;
using Floodgate.Model;
using Floodgate.VisibleValues;

namespace Floodgate.CounterTests.Conformance;

/// <summary>That the simulation's model of the counters in Redis does what the scripts do.</summary>
public sealed class CounterHashConformanceTests(Servers servers)
{
    private const int Operations = 150;
    private const int Partitions = 2;

    private readonly Guid[] _producers = [Guid.CreateVersion7(), Guid.CreateVersion7()];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    public async Task The_model_answers_what_the_scripts_answer_and_holds_what_they_hold(int seed)
    {
        await using var bench = new FlushBench(servers);
        var random = new Random(seed);
        var redis = new ModelRedis(() => DateTimeOffset.UtcNow);
        var model = new ModelCounters(redis, TimeSpan.FromHours(1));
        var counter = FlushBench.NewCounter();
        var marks = new List<string> { "none" };
        for (var i = 0; i < Operations; i++)
        {
            var what = await OperateAsync(random, bench, model, counter, marks);
            await CompareAsync(redis, counter, $"seed {seed}, operation {i}: {what}");
        }
    }

    private async Task<string> OperateAsync(Random random, FlushBench bench, ModelCounters model, CounterId counter, List<string> marks)
    {
        var generation = bench.Generation.Current!;
        switch (random.Next(20))
        {
            case < 7:
                var id = new EnvelopeId(_producers[random.Next(2)], random.Next(Partitions), random.Next(1, 8));
                var amount = random.Next(-5, 6);
                Assert.Equal(
                    model.Apply(counter, generation, id, amount), await bench.Hash.ApplyAsync(counter, new EnvelopeMark(id), amount));
                return $"apply {id} {amount}";
            case < 9:
                Assert.Equal(model.Read(counter, generation), await bench.Hash.ReadAsync(counter));
                return "read";
            case < 11:
                var mark = Guid.NewGuid().ToString("N");
                marks.Add(await bench.Hash.BeginLoadAsync(counter, mark));
                Assert.Equal(model.BeginLoad(counter, generation, mark), marks[^1]);
                return "begin";
            case < 14:
                var slots = Enumerable.Range(0, Partitions).Where(_ => random.Next(3) > 0).Select(partition => Slot(random, partition)).ToArray();
                var with = random.Next(4) == 0 ? marks[random.Next(marks.Count)] : marks[^1];
                Assert.Equal(model.Load(counter, generation, with, slots), await bench.Hash.LoadAsync(counter, with, slots));
                return $"load {string.Join(' ', slots)}";
            case < 19:
                var slot = Slot(random, random.Next(Partitions));
                var previous = Math.Max(0, slot.Version - random.Next(3));
                var envelopes = Enumerable.Range(1, 7).Where(_ => random.Next(2) == 0)
                    .Select(sequence => EnvelopeMark.FieldOf(new EnvelopeId(_producers[random.Next(2)], slot.Partition, sequence))).ToArray();
                Assert.Equal(
                    model.Reconcile(counter, generation, slot, previous, envelopes),
                    await bench.Hash.ReconcileAsync(counter, slot, previous, envelopes));
                return $"reconcile {slot} after {previous}, {envelopes.Length} envelopes";
            default:
                await bench.RaiseAsync(FlushBench.Token);
                return "raise the epoch";
        }
    }

    private CounterSlot Slot(Random random, int partition) => new(
        partition, random.Next(-20, 20), random.Next(1, 8),
        Watermarks.Format(_producers.Where(_ => random.Next(3) > 0).Select(producer => (producer, (long)random.Next(1, 8)))));

    private async Task CompareAsync(ModelRedis model, CounterId counter, string after)
    {
        var key = CounterHash.KeyOf(counter);
        var real = (await servers.Redis.GetDatabase().HashGetAllAsync(key)).ToDictionary(of => of.Name.ToString(), of => of.Value.ToString(), StringComparer.Ordinal);
        var modelled = model.Find(key)?.Fields ?? [];
        Assert.True(
            real.Count == modelled.Count && real.All(of => modelled.GetValueOrDefault(of.Key) == of.Value),
            $"After {after}\nRedis: {Text(real)}\nModel: {Text(modelled)}");
        if (model.Find(key)?.ExpiresAt is { } expires)
        {
            var lives = await servers.Redis.GetDatabase().KeyTimeToLiveAsync(key);
            Assert.InRange((expires - DateTimeOffset.UtcNow - lives!.Value).TotalSeconds, -3, 3);
        }
    }

    private static string Text(Dictionary<string, string> hash) => string.Join(", ", hash.OrderBy(of => of.Key, StringComparer.Ordinal).Select(of => $"{of.Key}={of.Value}"));
}
