namespace Floodgate.ReadRouter.Door;

/// <summary>The calls by which an orchestrator asks whether the router is well. They cost nothing, need nobody, and are never limited.</summary>
internal static class Probes
{
    public static bool Is(HttpRequest request) => request.Path.Value is "/health" or "/alive";
}
