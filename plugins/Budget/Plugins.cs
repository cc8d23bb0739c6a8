using PluginHost.Budget;
using PluginHost.Sdk;

[assembly: Plugin<BudgetMiddleware, BudgetOptions>("budget", AllowSkip = false)]
