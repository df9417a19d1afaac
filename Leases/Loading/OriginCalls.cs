using System.Runtime.InteropServices;
using Floodgate.Sessions;

namespace Floodgate.Leases.Loading;

/// <summary>Calls the origin: through the gate, within a time, and counted.</summary>
internal sealed class OriginCalls<TKey, TValue>(string entity, CacheEnvironment environment, LeaseCacheOptions options, Telemetry.CacheCounts counts)
    where TKey : notnull
    where TValue : class
{
    /// <summary>Loads keys.</summary>
    /// <param name="fill">The origin.</param>
    /// <param name="keys">The keys.</param>
    /// <param name="floor">The position that the entries demand.</param>
    /// <param name="read">What the caller demands.</param>
    /// <param name="fills">Whether the values go into Redis, so that the snapshot must be past the base floor; otherwise they are for the caller alone.</param>
    /// <exception cref="CacheUnavailableException">The origin failed, or too many wait for it.</exception>
    public async Task<Loaded<TKey, TValue>> LoadAsync(
        FillMany<TKey, TValue> fill, IReadOnlyList<TKey> keys, WalPosition floor, CacheRead read, bool fills)
    {
        using var over = new CancellationTokenSource(options.FillTimeout, environment.Time);
        try
        {
            using var turn = await environment.Gate.EnterAsync(over.Token);
            if (!turn.IsAcquired)
            {
                counts.Refused();
                throw Unavailable(CacheFailure.OriginBusy, "too many wait for the database.");
            }

            var history = environment.View.History;
            var atLeast = history.Furthest(floor, read.AtLeast);
            var known = fills ? environment.View.BaseFloor : WalPosition.None;
            var request = new FillRequest(history.Furthest(atLeast, known ?? WalPosition.None), FromPrimary: known is null);
            var began = environment.Time.GetTimestamp();
            var (filled, isCertain) = await FillAsync(fill, keys, request, atLeast, over.Token);
            var cost = environment.Time.GetElapsedTime(began);
            counts.Loaded(keys.Count, cost);
            return new Loaded<TKey, TValue>(filled, cost, isCertain);
        }
        catch (OperationCanceledException exception)
        {
            counts.OriginFailed();
            throw Unavailable(CacheFailure.OriginFailed, $"no answer from the database within {options.FillTimeout}.", exception);
        }
        catch (Exception exception) when (exception is not CacheUnavailableException)
        {
            counts.OriginFailed();
            throw Unavailable(CacheFailure.OriginFailed, exception.Message, exception);
        }
    }

    // How far the snapshot must be to fill is not known, and the primary, which is far enough, does not answer: good for whoever asks, not for others.
    private static async Task<(Filled<TKey, TValue> Filled, bool IsCertain)> FillAsync(
        FillMany<TKey, TValue> fill, IReadOnlyList<TKey> keys, FillRequest request, WalPosition asked, CancellationToken cancellationToken)
    {
        try
        {
            return (await fill(keys, request, cancellationToken).WaitAsync(cancellationToken), true);
        }
        catch (Exception) when (request.FromPrimary && !cancellationToken.IsCancellationRequested)
        {
            return (await fill(keys, new FillRequest(asked, FromPrimary: false), cancellationToken).WaitAsync(cancellationToken), false);
        }
    }

    /// <summary>The error that callers get.</summary>
    public CacheUnavailableException Unavailable(CacheFailure failure, string message, Exception? inner = null) =>
        new(entity, failure, options.FailureRest, message, inner);
}

/// <summary>What the origin answered.</summary>
/// <param name="Filled">The values.</param>
/// <param name="Cost">How long it took.</param>
/// <param name="IsCertain">Whether the snapshot is known to be far enough to fill.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Loaded<TKey, TValue>(Filled<TKey, TValue> Filled, TimeSpan Cost, bool IsCertain)
    where TKey : notnull
    where TValue : class;
