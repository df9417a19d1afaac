using System.Diagnostics;
using OpenTelemetry;

namespace Microsoft.Extensions.Hosting;

/// <summary>Keeps the spans of health probes, several a second over all services, out of the export.</summary>
internal sealed class HealthCheckFilter : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.Kind == ActivityKind.Server && data.GetTagItem("url.path") is Telemetry.HealthPath or Telemetry.AlivePath)
            data.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
    }
}
