using PluginHost.Budget;
using PluginHost.Sdk;

[assembly: Plugin("budget", typeof(BudgetMiddleware), Options = typeof(BudgetOptions), AllowSkip = false)]
