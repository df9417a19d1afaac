using System.ComponentModel.DataAnnotations;

namespace Floodgate.ReadRouter.Choice;

/// <summary>How the reads of one route choose their node. Bound from an entry of <c>Floodgate:Router:Routes</c>.</summary>
public sealed class RouteReadOptions
{
    /// <summary>Method and path of the route, as the public interface has them: <c>GET /timeline</c>, <c>GET /users/{id}/posts</c>. Required.</summary>
    [Required]
    public string Route { get; set; } = "";

    /// <summary>How it chooses. Default: <see cref="RouterOptions.Policy"/>.</summary>
    public ReadPolicy? Policy { get; set; }

    /// <summary>
    /// Whether a replica that is behind may serve it, with the label <c>stale</c>, where neither a replica that is far enough nor the primary
    /// can. Default no: 503 with <c>Retry-After</c>.
    /// </summary>
    public bool AllowStale { get; set; }

    /// <summary>How long it may wait for a replica. Default: <see cref="RouterOptions.WaitBudget"/>; 0 to 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:05")]
    public TimeSpan? WaitBudget { get; set; }
}

/// <summary>How reads of a route choose their node, as configured.</summary>
/// <param name="Policy">How.</param>
/// <param name="AllowStale">Whether a replica that is behind is better than no answer.</param>
/// <param name="WaitBudget">How long a read may wait for a replica.</param>
/// <param name="Window">How long after a write <see cref="ReadPolicy.Window"/> reads from the primary.</param>
internal sealed record RouteReads(ReadPolicy Policy, bool AllowStale, TimeSpan WaitBudget, TimeSpan Window)
{
    /// <summary>What is configured for a route.</summary>
    /// <param name="options">The settings.</param>
    /// <param name="route">Method and path.</param>
    public static RouteReads Of(RouterOptions options, string route)
    {
        var own = options.Routes.FirstOrDefault(candidate => string.Equals(candidate.Route, route, StringComparison.OrdinalIgnoreCase));
        return new RouteReads(own?.Policy ?? options.Policy, own?.AllowStale ?? false, own?.WaitBudget ?? options.WaitBudget, options.Window);
    }
}
