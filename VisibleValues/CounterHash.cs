using System.Text;
using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using StackExchange.Redis;

namespace Floodgate.VisibleValues;

/// <summary>
/// A counter in Redis: one hash <c>ctr:{name/key}</c>. Fields: <c>s{partition}</c> a slot as the database has it,
/// <c>value:version</c>, and <c>w{partition}</c> the watermarks it contains; <c>p{partition}:{sequence}:{producer}</c> what
/// an envelope that no flush has brought yet adds; <c>t</c> the sum of both; <c>g</c> the generation under which the slots
/// were read from the database, without which the sum says nothing; <c>a</c> a mark while somebody reads them. And beside it
/// <c>ctv:{name/key}</c>, what is shown: <see cref="ShownValue"/>.
/// </summary>
/// <remarks>
/// Each operation is one script on the two keys of one counter. Slots only move to a newer version; an envelope is added once, taken away once,
/// and ignored at or below the watermark; a flush that Redis missed is noticed by the next one; and a Redis that was away
/// or came back with an older state is of another <see cref="RedisGeneration"/>, so that nothing in it is believed.
/// </remarks>
/// <param name="redis">The connection.</param>
/// <param name="generation">What is believed.</param>
/// <param name="lifetime">How long a counter that nobody writes stays.</param>
public sealed class CounterHash(IConnectionMultiplexer redis, RedisGeneration generation, TimeSpan lifetime) : IVisibleCounters
{
    /// <summary>The most pending envelopes of a counter that is not loaded: its next reader loads it.</summary>
    public const int MostUnloaded = 1000;

    // A counter that was written while nobody has read its slots: long enough for them to be read.
    internal static readonly TimeSpan UnloadedLifetime = TimeSpan.FromMinutes(1);

    // What nobody has ever counted is remembered for a moment only, or reading made-up names would fill the memory. The likes of a post are read of posts that
    // there are, most of which nobody likes: each time that is forgotten, a page asks CounterService for it, and that the database.
    internal static readonly TimeSpan UnlikedLifetime = TimeSpan.FromMinutes(10);

    private static ReadOnlySpan<byte> ShownPrefix => "ctv:{"u8;

    private static readonly RedisScript ApplyScript = Script("apply.lua");
    private static readonly RedisScript BeginScript = Script("begin.lua");
    private static readonly RedisScript LoadScript = Script("load.lua");
    private static readonly RedisScript ReconcileScript = Script("reconcile.lua");

    private readonly RedisValue _lifetime = (long)lifetime.TotalSeconds;
    private readonly RedisValue _unloadedLifetime = (long)UnloadedLifetime.TotalSeconds;
    private readonly RedisValue _unlikedLifetime = (long)Math.Min(UnlikedLifetime.TotalSeconds, lifetime.TotalSeconds);

    /// <summary>The key of a counter.</summary>
    public static string KeyOf(in CounterId counter) => $"ctr:{{{counter.Name}/{counter.Key}}}";

    /// <summary>The key of what is shown of a counter.</summary>
    public static string ShownKeyOf(in CounterId counter) => Encoding.ASCII.GetString(ShownKeyBytes(counter));

    /// <inheritdoc/>
    /// <remarks>One command for all; on Redis Cluster one for each, as a command's keys must be of one slot there.</remarks>
    /// <exception cref="RedisException">Redis is away.</exception>
    public async Task<IReadOnlyList<long?>> ReadAsync(IReadOnlyList<CounterId> counters, IDatabaseAsync? batch = null)
    {
        ArgumentNullException.ThrowIfNull(counters);
        var losses = generation.Losses;
        if (generation.Current is null)
        {
            return new long?[counters.Count];
        }

        var keys = new RedisKey[counters.Count];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = ShownKeyBytes(counters[i]);
        }

        var database = batch ?? redis.GetDatabase();
        var shown = IsCluster() ? await Task.WhenAll(Array.ConvertAll(keys, key => database.StringGetAsync(key))) : await database.StringGetAsync(keys);

        // Where the connection was lost meanwhile, another run of Redis may have answered, with what it had of the one before.
        return generation.Losses == losses && generation.Current is { } current ? new ShownValue(current).ReadAll(shown) : new long?[shown.Length];
    }

    /// <inheritdoc/>
    /// <exception cref="RedisException">Redis is away.</exception>
    /// <exception cref="TimeoutException">The generation is not known.</exception>
    public async Task<long?> ApplyAsync(CounterId counter, EnvelopeMark envelope, long amount)
    {
        ArgumentNullException.ThrowIfNull(envelope);
        var current = generation.Current ?? throw NotKnown();
        var value = (RedisValue)await ApplyScript.RunAsync(
            redis.GetDatabase(), KeysOf(counter),
            [current, envelope.Pending, envelope.WatermarksField, envelope.Producer, envelope.Sequence, amount, _unloadedLifetime, MostUnloaded, _lifetime]);
        return value.IsNull ? null : (long)value;
    }

    /// <inheritdoc/>
    /// <exception cref="RedisException">Redis is away.</exception>
    /// <exception cref="TimeoutException">The generation is not known.</exception>
    public async Task<string> BeginLoadAsync(CounterId counter, string mark) =>
        (string)(RedisValue)await BeginScript.RunAsync(
            redis.GetDatabase(), KeysOf(counter), [generation.Current ?? throw NotKnown(), mark, _unloadedLifetime])!;

    /// <inheritdoc/>
    /// <exception cref="RedisException">Redis is away.</exception>
    /// <exception cref="TimeoutException">The generation is not known.</exception>
    public async Task<long?> LoadAsync(CounterId counter, string mark, IReadOnlyList<CounterSlot> slots)
    {
        ArgumentNullException.ThrowIfNull(mark);
        ArgumentNullException.ThrowIfNull(slots);
        const int Fixed = 4;
        var current = generation.Current ?? throw NotKnown();
        if (!IsOf(current, mark))
        {
            return null;
        }

        var arguments = new RedisValue[Fixed + (slots.Count * 4)];
        arguments[0] = current;
        arguments[1] = mark;
        arguments[2] = _lifetime;
        arguments[3] = counter.Name == CounterId.LikesName ? _unlikedLifetime : _unloadedLifetime;
        for (var i = 0; i < slots.Count; i++)
        {
            arguments[Fixed + (i * 4)] = slots[i].Partition;
            arguments[Fixed + 1 + (i * 4)] = slots[i].Value;
            arguments[Fixed + 2 + (i * 4)] = slots[i].Version;
            arguments[Fixed + 3 + (i * 4)] = slots[i].Watermarks;
        }

        var value = (RedisValue)await LoadScript.RunAsync(redis.GetDatabase(), KeysOf(counter), arguments);
        return value.IsNull ? null : (long)value;
    }

    /// <inheritdoc/>
    /// <exception cref="RedisException">Redis is away.</exception>
    /// <exception cref="TimeoutException">The generation is not known.</exception>
    public async Task<Reconciled> ReconcileAsync(CounterId counter, CounterSlot slot, long previous, IReadOnlyList<string> envelopes)
    {
        ArgumentNullException.ThrowIfNull(envelopes);
        const int Fixed = 8;
        var arguments = new RedisValue[Fixed + envelopes.Count];
        arguments[0] = generation.Current ?? throw NotKnown();
        arguments[1] = slot.Partition;
        arguments[2] = slot.Value;
        arguments[3] = slot.Version;
        arguments[4] = previous;
        arguments[5] = slot.Watermarks;
        arguments[6] = _lifetime;
        arguments[7] = _unloadedLifetime;
        for (var i = 0; i < envelopes.Count; i++)
        {
            arguments[Fixed + i] = envelopes[i];
        }

        var answer = (RedisValue[])(await ReconcileScript.RunAsync(redis.GetDatabase(), KeysOf(counter), arguments))!;
        return new Reconciled((int)answer[0] == 1, (long)answer[1], (int)answer[2], (int)answer[3] == 1);
    }

    /// <summary>Whether an envelope is applied and not flushed yet.</summary>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task<bool> IsPendingAsync(CounterId counter, EnvelopeId envelope) =>
        redis.GetDatabase().HashExistsAsync(KeyOf(counter), EnvelopeMark.FieldOf(envelope));

    /// <summary>Whether a mark was given under a generation that is believed under another.</summary>
    internal static bool IsOf(string generation, string mark) =>
        mark.IndexOf('|', StringComparison.Ordinal) is > 0 and var end && RedisGeneration.Believes(mark[..end], generation);

    private bool IsCluster() => redis.GetEndPoints() is [var first, ..] && redis.GetServer(first).ServerType == ServerType.Cluster;

    // As bytes, which the client sends as they are: a page asks for many. Names and keys are of ASCII.
    internal static byte[] ShownKeyBytes(in CounterId counter)
    {
        var key = new byte[ShownPrefix.Length + counter.Name.Length + counter.Key.Length + 2];
        ShownPrefix.CopyTo(key);
        var at = ShownPrefix.Length;
        at += Encoding.ASCII.GetBytes(counter.Name, key.AsSpan(at));
        key[at++] = (byte)'/';
        at += Encoding.ASCII.GetBytes(counter.Key, key.AsSpan(at));
        key[at] = (byte)'}';
        return key;
    }

    private static RedisKey[] KeysOf(in CounterId counter) => [KeyOf(counter), ShownKeyOf(counter)];

    private static RedisScript Script(string name) => RedisScript.Embedded(typeof(CounterHash), name, "prelude.lua", "shown.lua");

    private static TimeoutException NotKnown() => new("It is not known yet which generation of visible values there is.");
}
