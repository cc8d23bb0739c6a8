using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.AI;
using PluginHost.Budget.Calls;
using PluginHost.Budget.Ledger;
using PluginHost.Budget.Limits;
using PluginHost.Sdk;

namespace PluginHost.Budget;

/// <summary>
/// Limits tokens, money, model calls and tool calls, by run, session, user, agent and tenant. Refuses runs with <c>budget_exceeded</c>.
/// </summary>
/// <remarks>Counts what passes the chain. Calls that other plugins make of models by themselves are not in it. Thread-safe.</remarks>
public sealed class BudgetMiddleware : IRunMiddleware, IChatMiddleware, IFunctionMiddleware, IPluginLifecycle, IPluginHealth, ISessionCleanup, IUserData
{
    private readonly BudgetOptions _options;
    private readonly PluginContext _context;
    private readonly UsageLedger _ledger;
    private readonly BudgetGate _gate;

    /// <summary>Creates an instance; called by the host.</summary>
    /// <param name="options">The options.</param>
    /// <param name="context">The services of the host.</param>
    /// <exception cref="StorageException">The file with the counters cannot be used.</exception>
    public BudgetMiddleware(BudgetOptions options, PluginContext context)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(context);
        (_options, _context) = (options, context);
        _ledger = context.Share("ledger", () => new UsageLedger(context));
        _gate = new BudgetGate(options, context, _ledger);
    }

    /// <inheritdoc/>
    public ValueTask StartAsync(CancellationToken cancellationToken)
    {
        _gate.CheckPrices();
        return default;
    }

    /// <inheritdoc/>
    public ValueTask StopAsync(CancellationToken cancellationToken) => default;

    /// <inheritdoc/>
    public async ValueTask<RunResponse> InvokeAsync(RunRequest request, RunDelegate next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        ArgumentNullException.ThrowIfNull(next);
        if (request.IsDryRun) return await next(request, cancellationToken);
        _gate.BeginRun(request);
        // In a run that is not observed, the current span is the caller's request.
        var span = Activity.Current is { Kind: ActivityKind.Internal } own ? own : null;
        try
        {
            return await next(request, cancellationToken);
        }
        finally
        {
            if (span is not null) Describe(span, TotalsOf(request));
        }
    }

    /// <inheritdoc/>
    public ValueTask<IChatClient> WrapAsync(IChatClient inner, RunRequest run, CancellationToken cancellationToken) =>
        new(run.IsDryRun ? inner : new MeteredChatClient(inner, _gate, run, TotalsOf(run)));

    /// <inheritdoc/>
    public async ValueTask<object?> InvokeAsync(FunctionInvocation invocation, FunctionDelegate next, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(invocation);
        ArgumentNullException.ThrowIfNull(next);
        if (!invocation.Run.IsDryRun) await _gate.CountToolAsync(invocation.Run, cancellationToken);
        return await next(invocation, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<PluginHealth> CheckHealthAsync(CancellationToken cancellationToken) =>
        new(_ledger.Trouble is { } trouble ? PluginHealth.Degraded(trouble) : PluginHealth.Healthy);

    /// <inheritdoc/>
    public ValueTask<int> DeleteSessionDataAsync(SessionKey session, CancellationToken cancellationToken) =>
        new(_ledger.Delete(Scope.Session, session.Tenant, session.Id));

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<JsonElement>> ReadUserDataAsync(UserKey user, CancellationToken cancellationToken) =>
        new([.. _ledger.ReadUser(user).Select(b => UserBudget.ToJson(b.Budget, b.Used))]);

    /// <inheritdoc/>
    public ValueTask<int> DeleteUserDataAsync(UserKey user, CancellationToken cancellationToken) => new(_ledger.Delete(Scope.User, user.Tenant, user.Name));

    private RunTotals TotalsOf(RunRequest run) => _context.GetRunItem(run, () => new RunTotals());

    private void Describe(Activity span, RunTotals totals)
    {
        span.SetTag("pluginhost.budget.tokens", totals.Tokens);
        if (totals.Cost is not { } cost) return;
        span.SetTag("pluginhost.budget.cost", (double)Money.FromUnits(cost));
        span.SetTag("pluginhost.budget.currency", _options.Currency);
    }
}
