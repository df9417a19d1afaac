using System.Globalization;
using Floodgate.Messaging.Counters;
using Floodgate.Redis;
using Floodgate.VisibleValues;

namespace Floodgate.Model;

/// <summary>
/// What <c>apply.lua</c>, <c>begin.lua</c>, <c>load.lua</c> and <c>reconcile.lua</c> do, in C#. That it is the same is what the conformance
/// tests show, on a real Redis.
/// </summary>
/// <param name="redis">The hashes.</param>
/// <param name="lifetime">How long a loaded counter lives.</param>
/// <param name="unloadedLifetime">How long one lives that is not loaded.</param>
internal sealed class ModelCounters(ModelRedis redis, TimeSpan lifetime, TimeSpan unloadedLifetime)
{
    private const int MostUnloaded = CounterHash.MostUnloaded;

    public long? Read(CounterId counter, string generation)
    {
        var key = CounterHash.KeyOf(counter);
        return RedisGeneration.Believes(redis.Get(key, "g"), generation) ? Number(redis.Get(key, "t")!) : null;
    }

    public long? Apply(CounterId counter, string generation, EnvelopeId envelope, long amount)
    {
        var key = CounterHash.KeyOf(counter);
        var seen = redis.Get(key, "g");
        var watermarks = redis.Get(key, $"w{envelope.Partition}");
        if (seen is not null && !RedisGeneration.Believes(seen, generation))
        {
            redis.Delete(key);
            seen = watermarks = null;
        }

        if (watermarks is not null && Contains(watermarks, envelope.Producer.ToString("N"), envelope.Sequence))
        {
            return seen is null ? null : Number(redis.Get(key, "t")!);
        }

        var field = EnvelopeMark.FieldOf(envelope);
        if (seen is not null)
        {
            if (redis.SetIfAbsent(key, field, Text(amount)))
            {
                redis.Increase(key, "t", amount);
                redis.Expire(key, lifetime);
            }

            return Number(redis.Get(key, "t")!);
        }

        if ((redis.Find(key)?.Fields.Count ?? 0) < MostUnloaded)
        {
            redis.SetIfAbsent(key, field, Text(amount));
        }

        redis.Expire(key, unloadedLifetime);
        return null;
    }

    public string BeginLoad(CounterId counter, string generation, string mark)
    {
        var key = CounterHash.KeyOf(counter);
        if (redis.Get(key, "g") is { } loaded && !RedisGeneration.Believes(loaded, generation))
        {
            redis.Delete(key);
        }

        if (redis.Get(key, "a") is not { } known || !CounterHash.IsOf(generation, known))
        {
            redis.Set(key, "a", $"{generation}|{mark}");
        }

        if (redis.Get(key, "g") is null)
        {
            redis.Expire(key, unloadedLifetime);
        }

        return redis.Get(key, "a")!;
    }

    public long? Load(CounterId counter, string generation, string mark, IReadOnlyList<CounterSlot> read)
    {
        var key = CounterHash.KeyOf(counter);
        if (!CounterHash.IsOf(generation, mark))
        {
            return null;
        }

        if (RedisGeneration.Believes(redis.Get(key, "g"), generation))
        {
            return Number(redis.Get(key, "t")!);
        }

        if (redis.Get(key, "g") is not null || redis.Get(key, "a") != mark)
        {
            return null;
        }

        var slots = read.ToDictionary(slot => slot.Partition);
        var written = slots.Keys.ToHashSet();
        var fields = redis.Find(key)?.Fields.ToArray() ?? [];
        foreach (var (field, text) in fields.Where(of => of.Key[0] == 's'))
        {
            var partition = int.Parse(field.AsSpan(1), CultureInfo.InvariantCulture);
            var (value, version) = Slot(text);
            if (!slots.TryGetValue(partition, out var slot) || slot.Version < version)
            {
                var watermarks = fields.FirstOrDefault(of => of.Key == $"w{partition}").Value ?? "";
                slots[partition] = new CounterSlot(partition, value, version, watermarks);
                written.Add(partition);
            }
        }

        var total = slots.Values.Sum(slot => slot.Value);
        var remember = written.Count > 0;
        foreach (var (field, amount) in fields.Where(of => of.Key[0] == 'p'))
        {
            var parts = field[1..].Split(':');
            if (slots.TryGetValue(int.Parse(parts[0], CultureInfo.InvariantCulture), out var slot)
                && Contains(slot.Watermarks, parts[2], Number(parts[1])))
            {
                redis.Remove(key, field);
            }
            else
            {
                total += Number(amount);
                remember = true;
            }
        }

        foreach (var slot in slots.Values.Where(slot => written.Contains(slot.Partition)))
        {
            redis.Set(key, $"s{slot.Partition}", $"{Text(slot.Value)}:{Text(slot.Version)}");
            redis.Set(key, $"w{slot.Partition}", slot.Watermarks);
        }

        redis.Set(key, "g", generation);
        redis.Set(key, "t", Text(total));
        redis.Remove(key, "a");
        redis.Expire(key, remember ? lifetime : unloadedLifetime);
        return total;
    }

    public Reconciled Reconcile(CounterId counter, string generation, CounterSlot slot, long previous, IReadOnlyList<string> envelopes)
    {
        var key = CounterHash.KeyOf(counter);
        var field = $"s{slot.Partition}";
        var seen = redis.Get(key, "g");
        var (value, version) = redis.Get(key, field) is { } text ? Slot(text) : (0, 0);
        var newer = slot.Version > version;
        var missed = seen is not null && (!RedisGeneration.Believes(seen, generation) || (newer && version != previous));
        if (missed)
        {
            redis.Delete(key);
            seen = null;
            newer = true;
        }

        long change = 0;
        var late = 0;
        foreach (var envelope in envelopes)
        {
            if (redis.Get(key, envelope) is { } pending)
            {
                change -= Number(pending);
                redis.Remove(key, envelope);
            }
            else
            {
                late++;
            }
        }

        if (newer)
        {
            change += slot.Value - value;
            redis.Set(key, field, $"{Text(slot.Value)}:{Text(slot.Version)}");
            redis.Set(key, $"w{slot.Partition}", slot.Watermarks);
        }

        if (seen is not null && change != 0)
        {
            redis.Increase(key, "t", change);
        }

        redis.Expire(key, seen is not null ? lifetime : unloadedLifetime);
        return new Reconciled(seen is not null, change, late, missed);
    }

    private static bool Contains(string watermarks, string producer, long sequence)
    {
        var at = watermarks.IndexOf(producer + "=", StringComparison.Ordinal);
        if (at < 0)
        {
            return false;
        }

        var start = at + producer.Length + 1;
        var end = watermarks.IndexOf(';', start);
        return long.Parse(watermarks.AsSpan(start, (end < 0 ? watermarks.Length : end) - start), CultureInfo.InvariantCulture) >= sequence;
    }

    private static (long Value, long Version) Slot(string text)
    {
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        return (Number(text.AsSpan(0, colon)), Number(text.AsSpan(colon + 1)));
    }

    private static long Number(ReadOnlySpan<char> text) => long.Parse(text, CultureInfo.InvariantCulture);

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
