using System.Globalization;
using Floodgate.Messaging.Counters;
using StackExchange.Redis;

namespace Floodgate.VisibleValues;

/// <summary>
/// A counter in Redis: one hash <c>ctr:{name/key}</c>. Fields: <c>s{partition}</c> a slot as the database has it,
/// <c>value:version</c>; <c>p{envelope}</c> what an envelope that no flush has brought yet adds; <c>t</c> the sum of both;
/// <c>l</c> set once the slots were read from the database, without which the sum says nothing; <c>x{envelope}</c> an
/// envelope that a flush brought before it was applied, so that its apply changes nothing.
/// </summary>
/// <remarks>
/// Each operation is one script on one key. Each can come twice, late, or never: slots only move to a newer version, an
/// envelope is added once and taken away once, and a flush that Redis missed is noticed by the next one.
/// </remarks>
/// <param name="redis">The connection.</param>
/// <param name="lifetime">How long a counter that nobody writes stays.</param>
public sealed class CounterHash(IConnectionMultiplexer redis, TimeSpan lifetime)
{
    // A counter that was written while nobody has read its slots: long enough for them to be read.
    private static readonly TimeSpan UnloadedLifetime = TimeSpan.FromMinutes(1);

    // Past this, an envelope that was not applied will not be: CounterService gives up much earlier.
    private static readonly TimeSpan ApplyMayComeFor = TimeSpan.FromMinutes(1);

    private static readonly RedisScript ApplyScript = RedisScript.Embedded(typeof(CounterHash), "apply.lua");
    private static readonly RedisScript LoadScript = RedisScript.Embedded(typeof(CounterHash), "load.lua");
    private static readonly RedisScript ReconcileScript = RedisScript.Embedded(typeof(CounterHash), "reconcile.lua");
    private static readonly RedisValue[] Shown = ["l", "t"];

    private readonly RedisValue _lifetime = (long)lifetime.TotalSeconds;
    private readonly RedisValue _unloadedLifetime = (long)UnloadedLifetime.TotalSeconds;

    /// <summary>The key of a counter.</summary>
    public static string KeyOf(in CounterId counter) => $"ctr:{{{counter.Name}/{counter.Key}}}";

    /// <summary>How an envelope is called within a counter: partition, sequence, producer.</summary>
    public static string FieldOf(in EnvelopeId envelope) =>
        string.Create(CultureInfo.InvariantCulture, $"{envelope.Partition}:{envelope.Sequence}:{envelope.Producer:N}");

    /// <summary>What is shown of a counter: null where its slots have not been read yet.</summary>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<long?> ReadAsync(CounterId counter) => Visible(await redis.GetDatabase().HashGetAsync(KeyOf(counter), Shown));

    /// <summary>Shows what a confirmed envelope adds.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="envelope">The envelope, as <see cref="FieldOf"/> writes it.</param>
    /// <param name="amount">What all of the envelope adds to this counter.</param>
    /// <returns>The value with it; null where the slots have not been read yet.</returns>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<long?> ApplyAsync(CounterId counter, string envelope, long amount)
    {
        var seen = (RedisValue[])(await ApplyScript.RunAsync(
            redis.GetDatabase(), KeyOf(counter), [envelope, amount, _lifetime, _unloadedLifetime]))!;
        return Visible(seen);
    }

    /// <summary>Merges the slots as they were read from the database.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="slots">Its slots; none for a counter that does not exist.</param>
    /// <returns>The value.</returns>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<long> LoadAsync(CounterId counter, IReadOnlyList<CounterSlot> slots)
    {
        ArgumentNullException.ThrowIfNull(slots);
        var arguments = new RedisValue[1 + (slots.Count * 3)];

        // What nobody has ever counted is remembered for a moment only, or reading made-up names would fill the memory.
        arguments[0] = slots.Count == 0 ? _unloadedLifetime : _lifetime;
        for (var i = 0; i < slots.Count; i++)
        {
            arguments[1 + (i * 3)] = slots[i].Partition;
            arguments[2 + (i * 3)] = slots[i].Value;
            arguments[3 + (i * 3)] = slots[i].Version;
        }

        return (long)await LoadScript.RunAsync(redis.GetDatabase(), KeyOf(counter), arguments);
    }

    /// <summary>Tells what a flush has committed.</summary>
    /// <param name="counter">The counter.</param>
    /// <param name="slot">The slot after the flush.</param>
    /// <param name="previous">The slot's version before it; 0 where it did not exist.</param>
    /// <param name="envelopes">The envelopes of this partition that touch the counter and are in the slot.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<Reconciled> ReconcileAsync(
        CounterId counter, CounterSlot slot, long previous, IReadOnlyList<FlushedEnvelope> envelopes, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(envelopes);
        var arguments = new RedisValue[7 + (envelopes.Count * 2)];
        arguments[0] = slot.Partition;
        arguments[1] = slot.Value;
        arguments[2] = slot.Version;
        arguments[3] = previous;
        arguments[4] = now.ToUnixTimeMilliseconds();
        arguments[5] = _lifetime;
        arguments[6] = _unloadedLifetime;
        for (var i = 0; i < envelopes.Count; i++)
        {
            arguments[7 + (i * 2)] = envelopes[i].Field;
            arguments[8 + (i * 2)] = now - envelopes[i].SentAt < ApplyMayComeFor ? 1 : 0;
        }

        var answer = (RedisValue[])(await ReconcileScript.RunAsync(redis.GetDatabase(), KeyOf(counter), arguments))!;
        return new Reconciled((int)answer[0] == 1, (long)answer[1], (int)answer[2], (int)answer[3]);
    }

    /// <summary>Whether an envelope is applied and not flushed yet.</summary>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task<bool> IsPendingAsync(CounterId counter, string envelope) =>
        redis.GetDatabase().HashExistsAsync(KeyOf(counter), "p" + envelope);

    /// <summary>Forgets a counter: the next read gets its slots from the database.</summary>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task ForgetAsync(CounterId counter) => redis.GetDatabase().KeyDeleteAsync(KeyOf(counter));

    private static long? Visible(RedisValue[] seen) => seen[0].IsNull ? null : (long)seen[1];
}
