using Floodgate.Nodes;
using Floodgate.ReadRouter;
using Floodgate.ReadRouter.Choice;
using Microsoft.Extensions.Options;
using SessionOptions = Floodgate.Sessions.SessionOptions;

namespace Floodgate.UnitTests.ReadRouter;

public sealed class RouterOptionsTests
{
    [Fact]
    public void The_defaults_agree_with_each_other() => Assert.Empty(Validate(new RouterOptions()));

    [Fact]
    public void A_lag_limit_beyond_the_life_of_tokens_is_refused_and_both_settings_are_named()
    {
        var options = new RouterOptions { LagLimit = TimeSpan.FromMinutes(1) };

        var failure = Assert.Single(Validate(options, new SessionOptions { Lifetime = TimeSpan.FromMinutes(1) }));

        Assert.Contains("Floodgate:Sessions:Lifetime", failure, StringComparison.Ordinal);
        Assert.Contains("Floodgate:Router:LagLimit", failure, StringComparison.Ordinal);
        Assert.Contains("Floodgate:Router:PollInterval", failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("WaitBudget", 10_000, "ReadTimeout")]
    [InlineData("LagAlert", 10_000, "LagLimit")]
    public void A_setting_that_makes_another_one_pointless_is_refused_and_both_are_named(string setting, int milliseconds, string other)
    {
        var options = new RouterOptions();
        typeof(RouterOptions).GetProperty(setting)!.SetValue(options, TimeSpan.FromMilliseconds(milliseconds));

        var failure = Assert.Single(Validate(options));

        Assert.Contains($"Floodgate:Router:{setting} ", failure, StringComparison.Ordinal);
        Assert.Contains($"Floodgate:Router:{other} ", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void A_read_must_have_the_time_to_be_tried_on_other_nodes()
    {
        var failure = Assert.Single(Validate(new RouterOptions(), nodes: new NodeOptions { ReadTimeout = TimeSpan.FromSeconds(4) }));

        Assert.Contains("Floodgate:Nodes:ReadTimeout", failure, StringComparison.Ordinal);
        Assert.Contains("Floodgate:Router:ReadTimeout", failure, StringComparison.Ordinal);
    }

    [Fact]
    public void All_that_is_wrong_with_routes_is_said_at_once()
    {
        var options = new RouterOptions
        {
            Routes =
            {
                new RouteReadOptions { Route = "GET /nowhere" },
                new RouteReadOptions { Route = "GET /timeline", WaitBudget = TimeSpan.FromSeconds(5.5) },
                new RouteReadOptions { Route = "get /timeline" },
                new RouteReadOptions { Route = "GET /counters/{name}" },
            },
        };

        var failures = Validate(options);

        Assert.Contains(failures, failure => failure.Contains("'GET /nowhere': there is no such route", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.Contains("'GET /timeline': it is there more than once", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.Contains("'GET /timeline': The field WaitBudget must be between", StringComparison.Ordinal));
        Assert.Contains(failures, failure => failure.Contains("'GET /counters/{name}': there is no such route", StringComparison.Ordinal));
    }

    private static string[] Validate(RouterOptions options, SessionOptions? sessions = null, NodeOptions? nodes = null)
    {
        var validation = new RouterOptionsValidation(Options.Create(sessions ?? new SessionOptions()), Options.Create(nodes ?? new NodeOptions()));
        return [.. validation.Validate(null, options).Failures ?? []];
    }
}
