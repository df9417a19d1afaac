using Floodgate.Bench.Cache;
using Floodgate.Bench.CommandLine;
using Floodgate.Bench.Consistency;
using Floodgate.Bench.Counters;
using Floodgate.Bench.Replay;
using Floodgate.Bench.Timelines;
using Spectre.Console;

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, press) =>
{
    press.Cancel = true;
    stop.Cancel();
};

// A table in a log file has no colours and is not broken at 80 columns.
var redirected = Console.IsOutputRedirected;
var console = AnsiConsole.Create(new AnsiConsoleSettings { Ansi = redirected ? AnsiSupport.No : AnsiSupport.Detect });
if (redirected) console.Profile.Width = 200;

var commands = new CommandSet(
    console,
    [
        new ReplayCommand(console, TimeProvider.System),
        new CountersCommand(console, TimeProvider.System),
        new ConsistencyCommand(console, TimeProvider.System),
        new CacheCommand(console, TimeProvider.System),
        new TimelinesCommand(console, TimeProvider.System),
    ]);
return await commands.RunAsync(args, stop.Token);
