using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Counters;
using Floodgate.Bench.Replay;
using Spectre.Console;

namespace Floodgate.BenchTests.CommandLine;

public sealed class CommandSetTests
{
    [Fact]
    public async Task Help_lists_every_option_and_is_good()
    {
        var (code, output) = await RunAsync("replay", "--help");

        Assert.Equal(ExitCode.Good, code);
        Assert.All(ReplayOptions.All, o => Assert.Contains(o.Name, output, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Help_of_counters_lists_every_option()
    {
        var (code, output) = await RunAsync("counters", "--help");

        Assert.Equal(ExitCode.Good, code);
        Assert.All(CountersOptions.All, o => Assert.Contains(o.Name, output, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("--seconds 0", "--seconds: '0' is not a whole number from 1")]
    [InlineData("--only a,z", "--only: there is no phase 'z'")]
    [InlineData("--only ,", "--only: names no phase")]
    [InlineData("--markdown no-such-folder/x.md", "--markdown: there is no folder")]
    public async Task A_wrong_argument_of_counters_is_named_before_anything_starts(string words, string message)
    {
        var (code, output) = await RunAsync(["counters", .. words.Split(' ')]);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(message, output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--frobnicate", "--frobnicate: there is no such option")]
    [InlineData("--users", "--users: a value is missing")]
    [InlineData("--users 1", "--users: '1' is not a whole number from 2")]
    [InlineData("--speed 0", "--speed: '0' is neither")]
    [InlineData("--speed=fast", "--speed: 'fast' is neither")]
    [InlineData("--graph there-is-none.gz", "--graph: there is no file")]
    [InlineData("--gateway nowhere", "--gateway: 'nowhere' is not an http")]
    [InlineData("--start --gateway http://localhost:1", "--start: starts a gateway of its own")]
    [InlineData("--seed 1 --seed 2", "--seed: given twice")]
    [InlineData("--report no-such-folder/x.md", "--report: there is no folder")]
    public async Task A_wrong_argument_is_named(string words, string message)
    {
        var (code, output) = await RunAsync(["replay", .. words.Split(' ')]);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains(message, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_wrong_arguments_are_named_at_once()
    {
        var (_, output) = await RunAsync("replay", "--speed", "x", "--samples", "y");

        Assert.Contains("--speed:", output, StringComparison.Ordinal);
        Assert.Contains("--samples:", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData]
    [InlineData("refuel")]
    public async Task Without_a_command_the_commands_are_listed(params string[] words)
    {
        var (code, output) = await RunAsync(words);

        Assert.Equal(ExitCode.Usage, code);
        Assert.Contains("replay", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task If_nothing_answers_it_says_how_to_start_the_system()
    {
        // Port 1 is reserved and not listened on.
        var (code, output) = await RunAsync("replay", "--gateway", "http://127.0.0.1:1");

        Assert.Equal(ExitCode.Failed, code);
        Assert.Contains("dotnet run --project AppHost", output, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output)> RunAsync(params string[] words)
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No, Interactive = InteractionSupport.No });
        console.Profile.Width = 500;
        var code = await new CommandSet(console, [new ReplayCommand(console, TimeProvider.System), new CountersCommand(console, TimeProvider.System)]).RunAsync(words, TestContext.Current.CancellationToken);
        return (code, output.ToString());
    }
}
