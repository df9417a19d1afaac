using Floodgate.TimelineService;
using Floodgate.TimelineService.Oracle;
using Floodgate.TimelineService.Streaming;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Floodgate.UnitTests.Timelines;

public sealed class TimelineSettingsTests
{
    [Fact]
    public void The_defaults_contradict_nothing() => Assert.Empty(FailuresOf());

    [Theory]
    [InlineData("PollInterval=00:00:02", "Grace=00:00:02")]
    [InlineData("ThresholdBack=1000", "Threshold=1000")]
    [InlineData("ShedUntil=00:00:03", "ShedAfter=00:00:03")]
    [InlineData("ConnectTimeout=00:00:03", "WriteTimeout=00:00:03")]
    [InlineData("QueueTimeout=00:00:02", "PendingTolerance=00:00:03")]
    [InlineData("PendingTolerance=00:10:00", "RequestKeyLifetime=00:10:00")]
    [InlineData("Stream:Interval=00:00:20", "Stream:Heartbeat=00:00:10")]
    [InlineData("Stream:StreamsPerUser=6", "Stream:MaximumStreams=5")]
    [InlineData("Oracle:Recheck=00:00:20", "Oracle:Settle=00:00:10")]
    [InlineData("Oracle:Interval=00:00:20", "Oracle:ActiveFor=00:00:10")]
    public void A_contradiction_stops_the_start_and_names_both_settings(string one, string other)
    {
        var failure = Assert.Single(FailuresOf(one, other));

        Assert.Contains(NameOf(one), failure, StringComparison.Ordinal);
        Assert.Contains(NameOf(other), failure, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Cap=19")]
    [InlineData("LikeCopies=-1")]
    [InlineData("LikeCopies=999")]
    [InlineData("ReaderLikeCopies=999")]
    [InlineData("Stream:MaximumReplay=1001")]
    [InlineData("Stream:WriteTimeout=00:00:00")]
    [InlineData("Oracle:Confirmations=0")]
    public void What_is_out_of_range_stops_the_start_and_is_named(string setting) =>
        Assert.Contains(FailuresOf(setting), failure => failure.Contains(NameOf(setting), StringComparison.Ordinal));

    [Fact]
    public void All_that_is_wrong_is_said_at_once()
    {
        var failures = FailuresOf("Cap=19", "ThresholdBack=10000", "ShedUntil=00:00:05", "Stream:StreamsPerUser=0", "Oracle:Depth=0");

        Assert.Equal("Cap Depth ShedUntil StreamsPerUser ThresholdBack", string.Join(' ', failures.Select(FirstNameOf).Order(StringComparer.Ordinal)));
    }

    private static List<string> FailuresOf(params string[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => setting.Split('=')).Select(pair => KeyValuePair.Create($"{TimelineOptions.Section}:{pair[0]}", (string?)pair[1])));
        builder.Configuration["ConnectionStrings:floodgate"] = "Host=127.0.0.1";
        builder.Configuration["ConnectionStrings:redis"] = builder.Configuration["ConnectionStrings:rabbitmq"] = "127.0.0.1";
        builder.Configuration["Floodgate:Sessions:Key"] = new string('k', 32);
        builder.AddFoundations();
        builder.AddStreaming();
        builder.AddSampledOracle();
        using var services = builder.Services.BuildServiceProvider();
        try
        {
            services.GetRequiredService<IStartupValidator>().Validate();
            return [];
        }
        catch (OptionsValidationException exception)
        {
            return [.. exception.Failures];
        }
        catch (AggregateException exception)
        {
            return [.. exception.InnerExceptions.Cast<OptionsValidationException>().SelectMany(inner => inner.Failures)];
        }
    }

    private static string NameOf(string setting) => setting.Split('=')[0].Split(':')[^1];

    // Either "… for 'TimelineOptions' members: 'Cap' with the error: …", or the setting itself with its section.
    private static string FirstNameOf(string failure) => failure.StartsWith(TimelineOptions.Section, StringComparison.Ordinal)
        ? failure.Split(' ')[0].Split(':')[^1]
        : failure.Split("members: '")[1].Split('\'')[0];
}
