using System.ComponentModel.DataAnnotations;
using Floodgate.Nodes;
using Floodgate.ReadRouter.Choice;
using Floodgate.ReadRouter.Routing;
using Microsoft.Extensions.Options;
using SessionOptions = Floodgate.Sessions.SessionOptions;

namespace Floodgate.ReadRouter;

/// <summary>Refuses settings that contradict each other. It says all that is wrong at once.</summary>
internal sealed class RouterOptionsValidation(IOptions<SessionOptions> sessions, IOptions<NodeOptions> nodes) : IValidateOptions<RouterOptions>
{
    // A replica, another one, the primary: what a service tries before it gives a read up.
    private const int NodesAReadTries = 3;

    public ValidateOptionsResult Validate(string? name, RouterOptions options)
    {
        var errors = new List<string>();
        MustBeBelow(
            Router(nameof(options.LagLimit), options.LagLimit) + " plus " + Router(nameof(options.PollInterval), options.PollInterval),
            options.LagLimit + options.PollInterval,
            $"{SessionOptions.Section}:{nameof(SessionOptions.Lifetime)} ({sessions.Value.Lifetime})",
            sessions.Value.Lifetime,
            "a replica that is allowed to serve could lack a write whose token has expired");
        MustBeBelow(
            Router(nameof(options.WaitBudget), options.WaitBudget),
            options.WaitBudget,
            Router(nameof(options.ReadTimeout), options.ReadTimeout),
            options.ReadTimeout,
            "a read would end while it waits");
        MustBeBelow(
            $"{NodesAReadTries} times {NodeOptions.Section}:{nameof(NodeOptions.ReadTimeout)} ({nodes.Value.ReadTimeout})",
            NodesAReadTries * nodes.Value.ReadTimeout,
            Router(nameof(options.ReadTimeout), options.ReadTimeout),
            options.ReadTimeout,
            "a read that is tried on other nodes would be cut off");
        MustBeBelow(
            Router(nameof(options.LagAlert), options.LagAlert),
            options.LagAlert,
            Router(nameof(options.LagLimit), options.LagLimit),
            options.LagLimit,
            "a replica would be out before anybody is warned");
        foreach (var route in options.Routes)
            errors.AddRange(FaultsOf(route, options));
        return errors.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(errors);

        void MustBeBelow(string smaller, TimeSpan less, string larger, TimeSpan more, string otherwise)
        {
            if (less >= more)
                errors.Add($"{larger} must be longer than {smaller}: {otherwise}.");
        }
    }

    private static IEnumerable<string> FaultsOf(RouteReadOptions route, RouterOptions options)
    {
        var section = $"{RouterOptions.Section}:{nameof(RouterOptions.Routes)} of '{route.Route}'";
        var known = RouteTable.Public.Where(candidate => candidate is { Kind: RouteKind.Read, FromNode: true }).Select(candidate => candidate.Name).ToList();
        if (!known.Contains(route.Route, StringComparer.OrdinalIgnoreCase))
            yield return $"{section}: there is no such route that reads from PostgreSQL. There are: {string.Join(", ", known)}.";
        if (options.Routes.Count(other => string.Equals(other.Route, route.Route, StringComparison.OrdinalIgnoreCase)) > 1)
            yield return $"{section}: it is there more than once.";
        var faults = new List<ValidationResult>();
        Validator.TryValidateObject(route, new ValidationContext(route), faults, validateAllProperties: true);
        foreach (var fault in faults)
            yield return $"{section}: {fault.ErrorMessage}";
        if (route.WaitBudget >= options.ReadTimeout)
            yield return $"{section}: {nameof(RouteReadOptions.WaitBudget)} ({route.WaitBudget}) must be shorter than {Router(nameof(options.ReadTimeout), options.ReadTimeout)}: a read would end while it waits.";
    }

    private static string Router(string setting, TimeSpan value) => $"{RouterOptions.Section}:{setting} ({value})";
}
