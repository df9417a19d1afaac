using Floodgate.Redis;

namespace Floodgate.Leases.Store;

/// <summary>The transitions of an entry, one script each, and what asks for versions.</summary>
/// <param name="change">Changes the text of the transitions: for tests that show what a line of it is good for.</param>
internal sealed class LeaseScripts(Func<string, string>? change = null)
{
    private const string Prelude = "lease-prelude.lua";

    public RedisScript Acquire { get; } = Read("acquire.lua", change);

    public RedisScript Extend { get; } = Read("extend.lua", change);

    public RedisScript Fill { get; } = Read("fill.lua", change);

    public RedisScript Fail { get; } = Read("fail.lua", change);

    public RedisScript Invalidate { get; } = Read("invalidate.lua", change);

    public RedisScript Update { get; } = Read("update.lua", change);

    public RedisScript Hold { get; } = Read("hold.lua", change);

    /// <summary>No transition; takes several entries.</summary>
    public RedisScript Check { get; } = RedisScript.Embedded(typeof(LeaseScripts), "check.lua");

    /// <summary>No transition: asks for the log of changes.</summary>
    public RedisScript Changes { get; } = RedisScript.Embedded(typeof(LeaseScripts), "changes.lua");

    private static RedisScript Read(string name, Func<string, string>? change)
    {
        var text = RedisScript.Text(typeof(LeaseScripts), Prelude) + RedisScript.Text(typeof(LeaseScripts), name);
        return new RedisScript(change is null ? text : change(text));
    }
}
