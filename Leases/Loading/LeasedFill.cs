using System.Buffers;
using Floodgate.Leases.InProcess;
using Floodgate.Leases.Store;
using Floodgate.Leases.Telemetry;
using Floodgate.Sessions;

namespace Floodgate.Leases.Loading;

/// <summary>A key whose lease this process has.</summary>
internal readonly record struct Leased<TKey>(TKey Key, string Name, LeaseAnswer Answer);

/// <summary>Fills keys under leases: one origin call for all, the leases extended while it runs, given back with the values or the error.</summary>
internal sealed class LeasedFill<TKey, TValue>(
    CacheEntity<TKey, TValue> entity, CacheEnvironment environment, LeaseCacheOptions options, OriginCalls<TKey, TValue> origin, CacheCounts counts)
    where TKey : notnull
    where TValue : class
{
    /// <summary>Fills.</summary>
    /// <returns>What was found of each key, in order.</returns>
    /// <exception cref="CacheUnavailableException">The origin failed; the leases are given back.</exception>
    public async Task<Found<TValue>[]> RunAsync(IReadOnlyList<Leased<TKey>> leased, string token, FillMany<TKey, TValue> fill, CacheRead read)
    {
        var names = leased.Select(one => one.Name).ToArray();
        using var ended = new CancellationTokenSource();
        var extending = ExtendAsync(names, token, ended.Token);
        try
        {
            var history = environment.View.History;
            var floor = leased.Aggregate(WalPosition.None, (furthest, one) => history.Furthest(furthest, one.Answer.Entry.FillFrom(history)));
            var began = environment.Time.GetTimestamp();
            var loaded = await origin.LoadAsync(fill, leased.Select(one => one.Key).ToArray(), floor, read, fills: true);
            var found = leased.Select(one => Serialise(one.Key, loaded.Filled)).ToArray();
            if (loaded.IsCertain)
            {
                await WaitForHoldersAsync(leased, began);
                await WriteAsync(names, found, token, leased[0].Answer.Generation, loaded.Cost);
            }
            else
            {
                await FailAsync(names, token, TimeSpan.Zero, "");
                AreOfTheirSnapshot(found);
            }

            return Array.ConvertAll(found, one => one.Found);
        }
        catch (CacheUnavailableException exception)
        {
            // That this process has no room says nothing about others.
            var rest = exception.Failure == CacheFailure.OriginBusy ? TimeSpan.Zero : options.FailureRest;
            await FailAsync(names, token, rest, exception.Message);
            throw;
        }
        finally
        {
            Cancel(ended);
            await extending;
        }
    }

    private (Found<TValue> Found, byte[]? Bytes) Serialise(TKey key, Filled<TKey, TValue> filled)
    {
        var value = filled.Values.GetValueOrDefault(key);
        byte[]? bytes = null;
        if (value is not null)
        {
            var buffer = new ArrayBufferWriter<byte>(256);
            entity.Codec.Write(value, buffer);
            bytes = buffer.WrittenSpan.ToArray();
        }

        return (new Found<TValue>(value, filled.Holds, filled.Shown, WalPosition.None, CacheSource.Filled, bytes?.Length ?? 0), bytes);
    }

    private async Task WriteAsync(string[] names, (Found<TValue> Found, byte[]? Bytes)[] found, string token, string generation, TimeSpan cost)
    {
        var values = new FillValue[names.Length];
        for (var i = 0; i < values.Length; i++)
        {
            values[i] = options.ToFill(names[i], found[i].Bytes, found[i].Found.Holds, found[i].Found.Shown, cost, environment.Chance);
        }

        try
        {
            var verdicts = await environment.Store.FillAsync(values, token, generation);
            for (var i = 0; i < verdicts.Length; i++)
            {
                counts.Filled(verdicts[i]);
                if (verdicts[i] != FillVerdict.Filled)
                {
                    // Somebody wrote or filled meanwhile: it is as of its snapshot.
                    found[i].Found = found[i].Found with { StaleFrom = found[i].Found.Holds };
                }
            }
        }
        catch (StoreUnavailableException)
        {
            // The value is good for those who wait here; the lease runs out.
            counts.Filled(FillVerdict.Lost);
            AreOfTheirSnapshot(found);
        }
    }

    private static void AreOfTheirSnapshot((Found<TValue> Found, byte[]? Bytes)[] found)
    {
        for (var i = 0; i < found.Length; i++)
        {
            found[i].Found = found[i].Found with { Source = CacheSource.WithoutRedis };
        }
    }

    // Nobody is to see the new value here and then the old one in a process that still serves it from memory.
    private async Task WaitForHoldersAsync(IReadOnlyList<Leased<TKey>> leased, long since)
    {
        var left = leased.Max(one => one.Answer.Held) - environment.Time.GetElapsedTime(since);
        if (left > TimeSpan.Zero)
        {
            await Task.Delay(left, environment.Time);
        }
    }

    private async Task FailAsync(string[] names, string token, TimeSpan rest, string why)
    {
        try
        {
            await environment.Store.FailAsync(names, token, rest, why);
        }
        catch (StoreUnavailableException)
        {
            // The lease runs out.
        }
    }

    // Not CancelAsync, which would go to another thread.
    private static void Cancel(CancellationTokenSource source) => source.Cancel();

    private async Task ExtendAsync(string[] names, string token, CancellationToken ended)
    {
        while (true)
        {
            // Every fill ends it: not with an exception for each.
            await Task.Delay(options.Lease / 3, environment.Time, ended)
                .ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
            if (ended.IsCancellationRequested)
            {
                return;
            }

            try
            {
                await environment.Store.ExtendAsync(names, token, options.Lease);
            }
            catch (StoreUnavailableException)
            {
                // Somebody else may take over; then this fill comes late.
            }
        }
    }
}
