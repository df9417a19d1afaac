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
    private const string Raised = "raise the epoch";

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
        var model = new ModelCounters(redis, TimeSpan.FromHours(1), CounterHash.UnloadedLifetime);
        var counter = FlushBench.NewCounter();
        var marks = new List<string> { "none" };
        for (var i = 0; i < Operations; i++)
        {
            var what = await OperateAsync(random, bench, model, counter, marks);
            await CompareAsync(redis, counter, $"seed {seed}, operation {i}: {what}");
            Assert.Equal(ShownOf(redis, counter), await servers.Redis.GetDatabase().StringGetAsync(CounterHash.ShownKeyOf(counter)));
            if (ShownOf(redis, counter) is not null)
            {
                var (ofHash, ofShown) = (await LifeAsync(CounterHash.KeyOf(counter)), await LifeAsync(CounterHash.ShownKeyOf(counter)));
                Assert.InRange((ofShown - ofHash).TotalSeconds, -2, 2);
            }
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    [InlineData(16)]
    public async Task What_is_shown_is_right_or_not_shown_where_Redis_evicts_the_hash_or_what_is_shown_of_it(int seed)
    {
        await using var bench = new FlushBench(servers);
        var database = servers.Redis.GetDatabase();
        var random = new Random(seed);
        var redis = new ModelRedis(() => DateTimeOffset.UtcNow);
        var model = new ModelCounters(redis, TimeSpan.FromHours(1), CounterHash.UnloadedLifetime);
        var counter = FlushBench.NewCounter();
        var marks = new List<string> { "none" };
        var (right, shown) = ((string?)null, 0);
        for (var i = 0; i < Operations; i++)
        {
            switch (random.Next(12))
            {
                case 0:
                    // What it was stays right: nobody has changed anything.
                    await database.KeyDeleteAsync(CounterHash.KeyOf(counter));
                    redis.Delete(CounterHash.KeyOf(counter));
                    break;
                case 1:
                    await database.KeyDeleteAsync(CounterHash.ShownKeyOf(counter));
                    break;
                default:
                    var what = await OperateAsync(random, bench, model, counter, marks, reads: false);
                    await CompareAsync(redis, counter, $"seed {seed}, operation {i}: {what}");

                    // Neither a new epoch nor a load that finds no mark changes what a lost hash said.
                    var changesNothing = what == Raised || (what.StartsWith("load", StringComparison.Ordinal) && redis.Find(CounterHash.KeyOf(counter)) is null);
                    right = changesNothing ? right : ShownOf(redis, counter);
                    break;
            }

            var real = (string?)await database.StringGetAsync(CounterHash.ShownKeyOf(counter));
            Assert.True(real is null || real == right, $"After operation {i} of seed {seed} {real} is shown; {right ?? "nothing"} is right.");
            shown += real is null ? 0 : 1;
        }

        Assert.InRange(shown, 5, Operations);
    }

    private async Task<TimeSpan> LifeAsync(string key) =>
        await servers.Redis.GetDatabase().KeyTimeToLiveAsync(key) ?? throw new InvalidOperationException($"{key} does not expire.");

    private static string? ShownOf(ModelRedis redis, CounterId counter) =>
        redis.Get(CounterHash.KeyOf(counter), "g") is { } generation ? $"{generation}|{redis.Get(CounterHash.KeyOf(counter), "t")}" : null;

    private async Task<string> OperateAsync(Random random, FlushBench bench, ModelCounters model, CounterId counter, List<string> marks, bool reads = true)
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
            case < 9 when reads:
                Assert.Equal(model.Read(counter, generation), await bench.ShownAsync(counter));
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
                return Raised;
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
