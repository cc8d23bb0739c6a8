using System.Collections.Concurrent;

namespace PluginHost.Analyzers;

/// <summary>The findings in the methods of one class, and which of them the host reaches. Thread-safe.</summary>
internal sealed class HookCode(IEnumerable<IMethodSymbol> hooks)
{
    private readonly ConcurrentDictionary<ISymbol, ConcurrentBag<ISymbol>> _calls = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentBag<(ISymbol Method, Func<ISymbol, Diagnostic> Finding)> _findings = [];

    public void AddCall(ISymbol caller, ISymbol callee) =>
        _calls.GetOrAdd(caller, static _ => []).Add(callee);

    /// <param name="method">The method with the finding.</param>
    /// <param name="finding">Makes the diagnostic of the hook that reaches the method.</param>
    public void Add(ISymbol method, Func<ISymbol, Diagnostic> finding) => _findings.Add((method, finding));

    /// <summary>The findings in hooks, and in methods that hooks call.</summary>
    public IEnumerable<Diagnostic> Find()
    {
        if (_findings.IsEmpty) return [];
        var reachedBy = new Dictionary<ISymbol, ISymbol>(SymbolEqualityComparer.Default);
        foreach (var hook in hooks) Follow(hook, hook, reachedBy);
        return _findings.Where(f => reachedBy.ContainsKey(f.Method)).Select(f => f.Finding(reachedBy[f.Method]));
    }

    private void Follow(ISymbol method, ISymbol hook, Dictionary<ISymbol, ISymbol> reachedBy)
    {
        if (reachedBy.ContainsKey(method)) return;
        reachedBy.Add(method, hook);
        if (!_calls.TryGetValue(method, out var callees)) return;
        foreach (var callee in callees) Follow(callee, hook, reachedBy);
    }
}
