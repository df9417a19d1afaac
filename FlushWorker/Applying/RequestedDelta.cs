using System.Runtime.InteropServices;
using Floodgate.Messaging.Counters;

namespace Floodgate.FlushWorker.Applying;

/// <summary>What a request with an Idempotency-Key asks for.</summary>
/// <param name="Counter">The counter.</param>
/// <param name="Amount">What to add.</param>
/// <param name="Minute">The minute in which its envelope was made (UTC).</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct RequestedDelta(CounterId Counter, long Amount, DateTime Minute);
