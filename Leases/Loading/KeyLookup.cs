using System.Buffers;
using Floodgate.Leases.InProcess;
using Floodgate.Leases.Store;
using Floodgate.Leases.Telemetry;
using Floodgate.Sessions;

namespace Floodgate.Leases.Loading;

/// <summary>
/// Looks for the keys of a batch: in Redis in one round trip; what is not there under leases, in one origin call for all that were won; and without Redis
/// straight at the origin. Every flight of the batch ends, whatever happens.
/// </summary>
internal sealed class KeyLookup<TKey, TValue>(
    CacheEntity<TKey, TValue> entity, CacheEnvironment environment, LeaseCacheOptions options, KeptValues<TKey, TValue> kept, Copies<TKey, TValue> copies, KeyHeat<TKey> heat,
    CacheCounts counts, Wakeups wakeups, LookNumbers numbers, Action<TKey, Flight<TValue>> landed)
    where TKey : notnull
    where TValue : class
{
    // Clocks do not run at quite the same rate.
    private const double HoldShare = 0.95;

    private static readonly TimeSpan FirstPoll = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LongestPoll = TimeSpan.FromMilliseconds(500);

    private readonly OriginCalls<TKey, TValue> _origin = new(entity.Name, environment, options, counts);
    private readonly Refresh<TKey, TValue> _refresh = new(entity, environment, options, counts);

    /// <summary>Runs a batch to its end. Never throws.</summary>
    public async Task RunAsync(Batch<TKey, TValue> batch)
    {
        var all = Enumerable.Range(0, batch.Keys.Length).ToList();
        try
        {
            await LookAsync(batch, all);
        }
        catch (Exception exception)
        {
            foreach (var i in all)
            {
                landed(batch.Keys[i], batch.Flights[i]);
                batch.Flights[i].Fail(exception);
            }
        }
    }

    /// <summary>Reads a hot key again before its time in this process is over.</summary>
    public async Task RenewAsync(TKey key)
    {
        try
        {
            await ReadAsync([key], [entity.RedisKey(key)], [true]);
        }
        catch (StoreUnavailableException)
        {
            // It goes when its time is over.
        }
    }

    /// <summary>Asks the origin alone, as a last resort.</summary>
    public async Task<Found<TValue>[]> LoadAsync(IReadOnlyList<TKey> keys, FillMany<TKey, TValue> fill, CacheRead read)
    {
        var filled = (await _origin.LoadAsync(fill, keys, WalPosition.None, read, fills: false)).Filled;
        return [.. keys.Select(key => new Found<TValue>(
            filled.Values.GetValueOrDefault(key), filled.Holds, filled.Shown, WalPosition.None, CacheSource.WithoutRedis, SizeOf(filled, key)))];
    }

    private async Task LookAsync(Batch<TKey, TValue> batch, List<int> all)
    {
        try
        {
            if (environment.Store.IsAvailable)
            {
                var needed = await ServeAsync(batch, all);
                if (needed.Count > 0)
                {
                    await NeedAsync(batch, needed);
                }

                return;
            }
        }
        catch (StoreUnavailableException exception)
        {
            CacheLog.RedisAway(environment.Logger, entity.Name, exception.Message);
        }

        await WithoutRedisAsync(batch, all.FindAll(i => !batch.Flights[i].Ended.IsCompleted));
    }

    // Ends the flights of what Redis has, and gives the others with the text of a value that cannot be read.
    private async Task<List<(int Index, string Seen)>> ServeAsync(Batch<TKey, TValue> batch, List<int> all)
    {
        var hot = new bool[all.Count];
        for (var i = 0; i < hot.Length; i++)
        {
            hot[i] = options.HoldFor > TimeSpan.Zero && kept.HasRoom && heat.IsHot(batch.Keys[i]);
        }

        var entries = await ReadAsync(batch.Keys, batch.Names, hot);
        var needed = new List<(int, string)>();
        List<(TKey, string, string)>? old = null;
        for (var i = 0; i < entries.Length; i++)
        {
            var entry = entries[i];
            var takes = entry.IsFresh || (entry.Meta is not null && Acceptance.TakesStale(batch.Read, entry.StaleFrom, environment.View.History));
            if (!takes)
            {
                counts.Missed();
                needed.Add((i, ""));
            }
            else if (Decode(entry, CacheSource.Hit) is not { } found)
            {
                needed.Add((i, entry.MetaText));
            }
            else
            {
                var source = entry.IsFresh && !IsPast(entry) ? CacheSource.Hit : CacheSource.Stale;
                counts.Served(source);
                End(batch, i, found with { Source = source });
                if (entry is { IsFresh: true, Version: { } version } && copies.AreKept)
                {
                    copies.Keep(batch.Keys[i], new Copy<TValue>(entry.Meta!, version, found, numbers.Next()));
                }

                if (IsOld(entry) && entry.LeasedUntil <= environment.Store.Now)
                {
                    (old ??= []).Add((batch.Keys[i], batch.Names[i], entry.MetaText));
                }
            }
        }

        if (old is not null)
        {
            _ = _refresh.RunAsync(old, batch.Fill);
        }

        return needed;
    }

    private async Task<Entry[]> ReadAsync(TKey[] keys, string[] names, bool[] hot)
    {
        if (Array.IndexOf(hot, true) < 0)
        {
            return await environment.Store.ReadAsync(names);
        }

        // What is served from memory is announced in the same breath as it is read, so that a writer knows for how long to wait.
        var (began, clears) = (environment.Time.GetTimestamp(), kept.Clears);
        var cold = Array.IndexOf(hot, false) < 0 ? [] : await environment.Store.ReadAsync([.. names.Where((_, i) => !hot[i])]);
        var held = await environment.Store.HoldAsync([.. names.Where((_, i) => hot[i])], options.HoldFor);
        var entries = new Entry[keys.Length];
        var (nextCold, nextHeld) = (0, 0);
        for (var i = 0; i < entries.Length; i++)
        {
            (entries[i], var mayKeep) = hot[i] ? held[nextHeld++] : (cold[nextCold++], false);
            if (mayKeep && Decode(entries[i], CacheSource.InProcess) is { } found)
            {
                kept.Keep(keys[i], new Kept<TValue>(found, began, options.HoldFor * HoldShare, IsHeld: true, numbers.Next()), clears);
            }
        }

        return entries;
    }

    private async Task NeedAsync(Batch<TKey, TValue> batch, List<(int Index, string Seen)> needed)
    {
        var token = Guid.NewGuid().ToString("N");
        var names = needed.ConvertAll(one => batch.Names[one.Index]);
        var listening = names.ConvertAll(wakeups.Listen);
        try
        {
            var answers = await environment.Store.AcquireAsync(names, token, options.Lease, needed.ConvertAll(one => one.Seen));
            var won = new List<int>();
            var waits = new List<Task>();
            for (var n = 0; n < answers.Length; n++)
            {
                if (!Settle(batch, needed[n].Index, answers[n], CacheSource.Waited))
                {
                    if (answers[n].Outcome == LeaseOutcome.Won)
                    {
                        won.Add(n);
                    }
                    else
                    {
                        waits.Add(WaitAsync(batch, needed[n].Index, needed[n].Seen, listening[n], answers[n].Remaining));
                    }
                }
            }

            if (won.Count > 0)
            {
                waits.Add(FillAsync(batch, won.ConvertAll(n => (needed[n].Index, answers[n])), token));
            }

            await Task.WhenAll(waits);
        }
        finally
        {
            listening.ForEach(one => one.Dispose());
        }
    }

    // Ends the flight where the answer settles it.
    private bool Settle(Batch<TKey, TValue> batch, int i, LeaseAnswer answer, CacheSource source)
    {
        if (answer.Outcome == LeaseOutcome.Won)
        {
            counts.LeaseWon(answer.TakenOver);
            return false;
        }

        if (answer.Outcome == LeaseOutcome.Fresh && Decode(answer.Entry, source) is { } found)
        {
            End(batch, i, found);
            return true;
        }

        if (answer.Outcome == LeaseOutcome.Failed)
        {
            counts.LeaseFailed();
            landed(batch.Keys[i], batch.Flights[i]);
            batch.Flights[i].Fail(_origin.Unavailable(CacheFailure.OriginFailed, answer.Why));
            return true;
        }

        return false;
    }

    private async Task FillAsync(Batch<TKey, TValue> batch, List<(int Index, LeaseAnswer Answer)> won, string token)
    {
        var fill = new LeasedFill<TKey, TValue>(entity, environment, options, _origin, counts);
        try
        {
            var found = await fill.RunAsync(
                won.ConvertAll(one => new Leased<TKey>(batch.Keys[one.Index], batch.Names[one.Index], one.Answer)), token, batch.Fill, batch.Read);
            for (var n = 0; n < found.Length; n++)
            {
                End(batch, won[n].Index, found[n]);
            }
        }
        catch (CacheUnavailableException exception)
        {
            foreach (var (index, _) in won)
            {
                landed(batch.Keys[index], batch.Flights[index]);
                batch.Flights[index].Fail(exception);
            }
        }
    }

    private async Task WaitAsync(Batch<TKey, TValue> batch, int i, string seen, Wakeups.Waiter waiter, TimeSpan remaining)
    {
        counts.LeaseWaited();
        var began = environment.Time.GetTimestamp();
        var poll = FirstPoll;
        while (environment.Time.GetElapsedTime(began) < options.WaitTimeout)
        {
            // A push wakes it; should that be lost, or the holder die, it looks by itself. At different times in different processes.
            var pause = poll < remaining ? poll : remaining;
            await waiter.WaitAsync(environment.Chance.Vary(pause + TimeSpan.FromMilliseconds(2), 0.5), environment.Time);
            poll = poll * 2 < LongestPoll ? poll * 2 : LongestPoll;

            var token = Guid.NewGuid().ToString("N");
            var answer = (await environment.Store.AcquireAsync([batch.Names[i]], token, options.Lease, [seen]))[0];
            if (Settle(batch, i, answer, CacheSource.Waited))
            {
                return;
            }

            if (answer.Outcome == LeaseOutcome.Won)
            {
                await FillAsync(batch, [(i, answer)], token);
                return;
            }

            // There is a value, and it cannot be read.
            seen = answer.Outcome == LeaseOutcome.Fresh ? answer.Entry.MetaText : seen;
            remaining = answer.Remaining;
        }

        landed(batch.Keys[i], batch.Flights[i]);
        batch.Flights[i].Fail(_origin.Unavailable(CacheFailure.TimedOut, $"nobody loaded it within {options.WaitTimeout}."));
    }

    // The callers of this process share a call, and for a moment its value, as far as it is new enough for them.
    private async Task WithoutRedisAsync(Batch<TKey, TValue> batch, List<int> open)
    {
        var missing = new List<int>();
        foreach (var i in open)
        {
            if (kept.Find(batch.Keys[i]) is { } value && Acceptance.TakesShared(batch.Read, value.Found, environment.View.History))
            {
                End(batch, i, value.Found);
            }
            else
            {
                missing.Add(i);
            }
        }

        if (missing.Count == 0)
        {
            return;
        }

        var (began, clears) = (environment.Time.GetTimestamp(), kept.Clears);
        var found = await LoadAsync(missing.ConvertAll(i => batch.Keys[i]), batch.Fill, batch.Read);
        for (var n = 0; n < found.Length; n++)
        {
            counts.Served(CacheSource.WithoutRedis);
            kept.Keep(batch.Keys[missing[n]], new Kept<TValue>(found[n], began, options.KeepWithoutRedis, IsHeld: false, numbers.Next()), clears);
            End(batch, missing[n], found[n]);
        }
    }

    private void End(Batch<TKey, TValue> batch, int i, Found<TValue> found)
    {
        landed(batch.Keys[i], batch.Flights[i]);
        batch.Flights[i].End(found);
    }

    private Found<TValue>? Decode(Entry entry, CacheSource source)
    {
        try
        {
            return entry.Meta is not { } meta ? null : new Found<TValue>(
                entry.Value is null ? null : entity.Codec.Read(entry.Value), meta.Holds, meta.Shown, entry.StaleFrom, source, entry.Value?.Length ?? 0);
        }
        catch (FormatException exception)
        {
            CacheLog.Unreadable(environment.Logger, entity.Name, exception.Message);
            return null;
        }
    }

    private int SizeOf(Filled<TKey, TValue> filled, TKey key)
    {
        if (!filled.Values.TryGetValue(key, out var value))
        {
            return 0;
        }

        var buffer = new ArrayBufferWriter<byte>(256);
        entity.Codec.Write(value, buffer);
        return buffer.WrittenCount;
    }

    private bool IsPast(Entry entry) => environment.Store.Now >= entry.Meta!.SoftExpiry;

    // XFetch: refresh when now − Δ·β·ln(random) ≥ expiry (Vattani et al., VLDB 2015, algorithm 1). It only proposes; the lease elects one.
    private bool IsOld(Entry entry) =>
        !entry.IsFresh
        || environment.Store.Now - (entry.Meta!.Cost.TotalMilliseconds * options.Beta * Math.Log(environment.Chance.Next())) >= entry.Meta.SoftExpiry;
}
