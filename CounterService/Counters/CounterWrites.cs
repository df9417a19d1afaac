using System.Runtime.InteropServices;
using Floodgate.CounterService.Coalescing;
using Floodgate.CounterService.Reading;
using Floodgate.CounterService.Spreading;
using Floodgate.CounterService.Telemetry;
using Floodgate.Messaging.Counters;
using Floodgate.VisibleValues;
using Npgsql;

namespace Floodgate.CounterService.Counters;

/// <summary>What became of an addition.</summary>
/// <param name="Status">Whether it is durable.</param>
/// <param name="Value">The counter's value with it; null where it is not known.</param>
/// <param name="IsConflict">Whether its Idempotency-Key was used for another request.</param>
/// <param name="RetryAfter">When to try again, if it was not taken.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AdditionResult(WriteStatus Status, long? Value, bool IsConflict = false, TimeSpan RetryAfter = default);

/// <summary>Adds to plain counters; with an Idempotency-Key once, whichever instance gets the repeat.</summary>
internal sealed class CounterWrites(
    WriteCoalescer coalescer, HotCounters hot, RequestMemory requests, RequestLookup lookup, ValueReader values, CounterTelemetry telemetry,
    ILogger<CounterWrites> logger)
{
    /// <summary>Adds, and waits until it is durable.</summary>
    public ValueTask<AdditionResult> AddAsync(in CounterId counter, long by) =>
        WriteAsync(new PendingWrite(counter, by), hot.Place(counter, spreads: true));

    /// <summary>Adds once per key, and waits until it is durable.</summary>
    public async Task<AdditionResult> AddOnceAsync(CounterId counter, long by, RequestKey request)
    {
        var what = RequestMemory.Describe(counter, by);
        var state = await requests.ReserveAsync(request, what);
        if (state is RequestState.Reserved or RequestState.Unknown)
        {
            state = await LookUpAsync(request, what, state);
        }

        switch (state)
        {
            case RequestState.Taken:
                return new AdditionResult(WriteStatus.Durable, Value: null, IsConflict: true);
            case RequestState.Settled:
                telemetry.Unchanged();
                return new AdditionResult(WriteStatus.Durable, await values.TryReadShownAsync(counter));
            default:
                break;
        }

        // The same is on its way, or was and may be lost: the flush lets one of them count.
        var shown = state == RequestState.InFlight ? 0 : by;
        var result = await WriteAsync(new PendingWrite(counter, by) { Request = request, Shown = shown }, hot.Place(counter, spreads: false));
        if (result.Status == WriteStatus.Durable)
        {
            await requests.SettleAsync(request, what);
        }
        else if (result.Status != WriteStatus.Unconfirmed && state == RequestState.Reserved)
        {
            await requests.ReleaseAsync(request);
        }

        return result;
    }

    private async ValueTask<AdditionResult> WriteAsync(PendingWrite write, int partition)
    {
        var outcome = await coalescer.WriteAsync(partition, write);
        return new AdditionResult(outcome.Status, await values.AfterAsync(write.Counter, outcome), IsConflict: false, outcome.RetryAfter);
    }

    // Redis does not know the key: it was never used, or long ago, or Redis lost it. Without the database the flush decides.
    private async Task<RequestState> LookUpAsync(RequestKey request, string what, RequestState otherwise)
    {
        try
        {
            var use = await lookup.GetAsync(request);
            if (!use.IsUsed)
            {
                return otherwise;
            }

            await requests.SettleAsync(request, use.What ?? what);
            return use.What is null || use.What == what ? RequestState.Settled : RequestState.Taken;
        }
        catch (Exception exception) when (exception is NpgsqlException or OperationCanceledException or TimeoutException or IOException or LookupBusyException)
        {
            CounterLog.LookupFailed(logger, "requests", exception);
            return otherwise;
        }
    }
}
